// Makes a process write its output before it goes on: the one file that touches the handles of the standard streams.

interface BlockingHandle {
  setBlocking(blocking: boolean): number;
}

/**
 * Makes standard output and error blocking. Node queues what a full pipe does not take at once, and an exit drops the
 * queue: exactly the last lines, which say why.
 *
 * The price: a process that writes faster than its supervisor reads waits for it.
 *
 * @returns whether both streams block now
 */
export function blockOutput(): boolean {
  return [process.stdout, process.stderr].every((stream) => {
    const { _handle: handle } = stream as unknown as { _handle?: Partial<BlockingHandle> };
    return handle?.setBlocking?.(true) === 0;
  });
}
