import { philox, STREAM, unitInterval } from '../random.ts';
import { type NetworkShape, parameterTable } from '../shapes.ts';
import { elementCount, type Tensor } from '../tensor.ts';

/**
 * First parameters of a learner, as float32: weights and biases U(±1/√fan_in), as torch.nn.Linear has them.
 * Entry e of the table's t-th parameter is keyed by (seed, t, e).
 */
export function initialParameters(shape: NetworkShape, seed: number): Map<string, Tensor> {
  const words = new Uint32Array(4);
  const parameters = new Map<string, Tensor>();
  parameterTable(shape).forEach((parameter, t) => {
    const bound = 1 / Math.sqrt(parameter.layer.inputs);
    const data = new Float32Array(elementCount(parameter.shape));
    for (let e = 0; e < data.length; e++) {
      philox(words, seed, STREAM.initialise, t, e);
      data[e] = (2 * unitInterval(words[0]) - 1) * bound;
    }
    parameters.set(parameter.name, { shape: parameter.shape, data });
  });
  return parameters;
}
