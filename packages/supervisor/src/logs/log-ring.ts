// Keeps the latest entries of a log, as many as fit into so much memory.
import type { LogEntry } from "./log-entry.ts";

/** What an entry takes besides its text, in bytes, roughly. */
const ENTRY = 200;

/** A bounded log. It owns nothing but its entries. */
export class LogRing {
  readonly #limit: number;
  readonly #entries = new Map<number, LogEntry>();
  #size = 0;
  #oldest = 1;
  #next = 1;

  /** @param limit in bytes; the latest entry is kept whatever its size */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The number of the oldest entry that is kept. */
  get oldest(): number {
    return this.#oldest;
  }

  /** The number of the latest entry; 0 before the first. */
  get latest(): number {
    return this.#next - 1;
  }

  add(entry: Omit<LogEntry, "seq">): LogEntry {
    const added = { seq: this.#next++, ...entry };
    this.#entries.set(added.seq, added);
    this.#size += sizeOf(added);
    while (this.#size > this.#limit && this.#oldest < added.seq) {
      const evicted = this.#entries.get(this.#oldest);
      this.#entries.delete(this.#oldest++);
      if (evicted) this.#size -= sizeOf(evicted);
    }
    return added;
  }

  /** The entry with that number, if it is kept. */
  at(seq: number): LogEntry | undefined {
    return this.#entries.get(seq);
  }
}

/** V8 takes two bytes for a character where one is not enough. */
function sizeOf({ text }: LogEntry): number {
  return ENTRY + 2 * text.length;
}
