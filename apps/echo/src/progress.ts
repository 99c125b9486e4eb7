// A progress bar on a terminal; nothing anywhere else.

const WIDTH = 30;
const REDRAW_MS = 80;

/** Draws on standard error. It owns the line until `done()`. */
export class Progress {
  readonly #total: number;
  readonly #visible = process.stderr.isTTY === true;
  #drawnAt = 0;

  constructor(total: number) {
    this.#total = total;
  }

  update(count: number, text: string): void {
    const now = performance.now();
    if (!this.#visible || (now - this.#drawnAt < REDRAW_MS && count < this.#total)) return;
    this.#drawnAt = now;
    const share = this.#total === 0 ? 1 : count / this.#total;
    const bar = "█".repeat(Math.round(share * WIDTH)).padEnd(WIDTH, "░");
    process.stderr.write(`\r${bar} ${Math.floor(share * 100)} %  ${text}\x1b[K`);
  }

  /** Takes the bar away. */
  done(): void {
    if (this.#visible) process.stderr.write("\r\x1b[K");
  }
}
