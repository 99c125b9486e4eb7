// Lets what a thread writes leave it at once, also while it is blocked.
//
// Node sends a worker's output to the main thread as messages, and holds the next one back until the last was taken
// note of, which a blocked thread never learns: it would keep all but its first line, and lose them when it is ended.
// test/output.test.ts fails when Node changes this.

type WriteAll = (chunks: readonly unknown[], done: () => void) => void;

/**
 * Makes this thread's standard streams send without waiting. Node gives a worker's streams no way to push back anyway:
 * what waits, waits in the main thread's memory instead of this one's.
 */
export function writePromptly(): void {
  for (const stream of [process.stdout, process.stderr]) {
    const send = stream._writev as WriteAll | undefined;
    if (!send) continue;
    stream._writev = (chunks: readonly unknown[], done: () => void) => {
      send.call(stream, chunks, () => {});
      done();
    };
  }
}
