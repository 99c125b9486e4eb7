// How a thread's lines travel with those of its process: on the same pipe, with the thread's id in front.
//
// On the pipe and not on the channel: what is in a pipe outlives the process that wrote it.

/** A control character that no log line begins with (ASCII "record separator"). */
const MARK = "\u001e";

/** The longest line of a thread, in characters: with its mark it is one line of its process still. */
export const LONGEST_LINE: number = 32 * 1024;

/** The line as the process writes it. */
export function markLine(thread: string, line: string): string {
  return `${MARK}${thread}${MARK}${line}`;
}

/** Who wrote a line that came from a process, and the line as it was written. */
export function readLine(process: string, written: string): { readonly unit: string; readonly line: string } {
  const end = written.indexOf(MARK, 1);
  const unit = written.slice(1, end);
  const isMarked = written.startsWith(MARK) && end > 0 && unit.startsWith(`${process}.`);
  return isMarked ? { unit, line: written.slice(end + 1) } : { unit: process, line: written };
}
