let port: MessagePort | undefined;
let waiting: (() => void) | undefined;

/** Sends a message to oneself: a timer would wait 4 ms at the fifth call. */
function post(resolve: () => void): void {
  if (!port) {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => waiting?.();
    port = port2;
  }
  waiting = resolve;
  port.postMessage(0);
}

/** Lets what waits in the event loop run first: messages, signals. One caller at a time. */
export const yieldToOthers: () => Promise<void> =
  typeof setImmediate === 'function'
    ? () => new Promise((resolve) => setImmediate(resolve))
    : () => new Promise(post);
