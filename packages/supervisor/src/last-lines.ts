// Keeps the last lines that each unit wrote on standard error: they say why it ended.

/** Lines that are kept of each unit that runs. */
const LINES = 20;

/** The last lines of incarnations. It owns nothing. */
export class LastLines {
  readonly #lines = new Map<string, string[]>();

  add(unit: string, incarnation: number, line: string): void {
    const key = keyOf(unit, incarnation);
    const lines = this.#lines.get(key) ?? [];
    lines.push(line);
    if (lines.length > LINES) lines.shift();
    this.#lines.set(key, lines);
  }

  /** Oldest first. */
  of(unit: string, incarnation: number): readonly string[] {
    return [...(this.#lines.get(keyOf(unit, incarnation)) ?? [])];
  }

  /** Lets go of them, once the incarnation is gone. */
  forget(unit: string, incarnation: number): void {
    this.#lines.delete(keyOf(unit, incarnation));
  }
}

function keyOf(unit: string, incarnation: number): string {
  return `${unit}#${incarnation}`;
}
