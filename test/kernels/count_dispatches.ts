/** What `work` has the device do, counted by wrapping its encoders and its queue. */
export function countDispatches(device: GPUDevice, work: () => void) {
  const counts = { submits: 0, passes: 0, dispatches: 0 };
  const { queue } = device;
  const submit = queue.submit;
  const createCommandEncoder = device.createCommandEncoder;
  queue.submit = (buffers) => {
    counts.submits++;
    return submit.call(queue, buffers);
  };
  device.createCommandEncoder = (descriptor) => {
    const encoder = createCommandEncoder.call(device, descriptor);
    const beginComputePass = encoder.beginComputePass;
    encoder.beginComputePass = (passDescriptor) => {
      counts.passes++;
      const pass = beginComputePass.call(encoder, passDescriptor);
      const dispatchWorkgroups = pass.dispatchWorkgroups;
      pass.dispatchWorkgroups = (...groups) => {
        counts.dispatches++;
        return dispatchWorkgroups.apply(pass, groups);
      };
      return pass;
    };
    return encoder;
  };
  try {
    work();
  } finally {
    queue.submit = submit;
    device.createCommandEncoder = createCommandEncoder;
  }
  return counts;
}
