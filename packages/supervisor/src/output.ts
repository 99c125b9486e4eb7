// Passes on what units write, so that one can tell who wrote it.

/** A line that a unit wrote. */
export interface OutputLine {
  /** The id of the process or the thread, for example `"p2"` or `"p2.t1"`. */
  readonly unit: string;
  readonly stream: "stdout" | "stderr";
  readonly line: string;
}

/** Writes the line to the same stream of this process, after the unit's id. */
export function writeOutput({ unit, stream, line }: OutputLine): void {
  process[stream].write(`${unit} | ${line}\n`);
}
