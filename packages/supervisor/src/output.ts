// Passes on what processes write, so that one can tell who wrote it.

/** A line that a process wrote. */
export interface OutputLine {
  /** The process's id, for example `"p2"`. */
  readonly unit: string;
  readonly stream: "stdout" | "stderr";
  readonly line: string;
}

/** Writes the line to the same stream of this process, after the unit's id. */
export function writeOutput({ unit, stream, line }: OutputLine): void {
  process[stream].write(`${unit} | ${line}\n`);
}
