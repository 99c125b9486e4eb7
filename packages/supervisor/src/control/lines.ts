// Cuts a byte stream into lines of bounded length.

/** Returns a function to feed with chunks: it calls `onLine` for each complete line, and `onTooLong` once, past `max`. */
export function lineReader(
  max: number,
  onLine: (line: string) => void,
  onTooLong: () => void,
): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0);
  let dead = false;
  return (chunk) => {
    if (dead) return;
    let from = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, from)) {
      const line = Buffer.concat([rest, chunk.subarray(from, end)]);
      rest = Buffer.alloc(0);
      from = end + 1;
      if (line.length > 0) onLine(line.toString("utf8"));
    }
    rest = Buffer.concat([rest, chunk.subarray(from)]);
    if (rest.length > max) {
      dead = true;
      onTooLong();
    }
  };
}
