// Calls that wait for a compute thread: higher priority first, and first come, first served among equals.

/** A bounded list, ordered as its items are taken. */
export class WaitingCalls<T extends { readonly priority: number }> {
  readonly #limit: number;
  readonly #items: T[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#items.length;
  }

  /** Adds an item; false when the list is full. */
  add(item: T): boolean {
    if (this.#items.length >= this.#limit) return false;
    let low = 0;
    let high = this.#items.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.#items[middle];
      if (other !== undefined && other.priority >= item.priority) low = middle + 1;
      else high = middle;
    }
    this.#items.splice(low, 0, item);
    return true;
  }

  /** Takes the item whose turn it is. */
  take(): T | undefined {
    return this.#items.shift();
  }

  /** Takes an item out; false when it is not there. */
  remove(item: T): boolean {
    const index = this.#items.indexOf(item);
    if (index >= 0) this.#items.splice(index, 1);
    return index >= 0;
  }
}
