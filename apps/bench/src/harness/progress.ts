// Shows where a run is: one line that is rewritten on a terminal, a line for each measurement elsewhere.
import type { Step } from "./run-benchmarks.ts";

export class Progress {
  readonly #out: NodeJS.WriteStream;
  readonly #began = performance.now();

  constructor(out: NodeJS.WriteStream = process.stderr) {
    this.#out = out;
  }

  show(step: Step): void {
    const { benchmark, scenario, contender, round, rounds, done, total } = step;
    const where = `[${done + 1}/${total}] ${benchmark} ${scenario}: ${contender}, round ${round + 1} of ${rounds}`;
    this.#line(`${where}${this.#left(done, total)}`);
  }

  /** Before something else is written. */
  clear(): void {
    if (this.#out.isTTY) this.#out.write("\r\x1b[K");
  }

  #line(text: string): void {
    if (this.#out.isTTY) this.#out.write(`\r\x1b[K${text.slice(0, this.#out.columns - 1)}`);
    else this.#out.write(`${text}\n`);
  }

  #left(done: number, total: number): string {
    // The first few say little about the rest.
    if (done < 5) return "";
    const seconds = ((performance.now() - this.#began) / 1000 / done) * (total - done);
    return seconds < 90 ? `, about ${Math.ceil(seconds)} s left` : `, about ${Math.ceil(seconds / 60)} min left`;
  }
}
