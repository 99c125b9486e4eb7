// A queue in a power-of-two array: no shifting, no allocation once it has grown.

const INITIAL_SIZE = 64;

/** A first-in first-out queue. `null` marks an empty place, so it can't hold `null`. */
export class Ring<T extends object> {
  #items: (T | null)[] = new Array<T | null>(INITIAL_SIZE).fill(null);
  #mask = INITIAL_SIZE - 1;
  #head = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(item: T): void {
    if (this.#size > this.#mask) this.#grow();
    this.#items[(this.#head + this.#size++) & this.#mask] = item;
  }

  unshift(item: T): void {
    if (this.#size > this.#mask) this.#grow();
    this.#head = (this.#head - 1) & this.#mask;
    this.#items[this.#head] = item;
    this.#size++;
  }

  shift(): T | null {
    if (this.#size === 0) return null;
    const items = this.#items;
    const item = items[this.#head] as T | null;
    items[this.#head] = null;
    this.#head = (this.#head + 1) & this.#mask;
    this.#size--;
    return item;
  }

  /** Takes out the item at a distance from the head; the items before it keep their order. */
  takeAt(distance: number): T | null {
    const items = this.#items;
    const mask = this.#mask;
    const item = items[(this.#head + distance) & mask] as T | null;
    for (let i = distance; i > 0; i--) {
      items[(this.#head + i) & mask] = items[(this.#head + i - 1) & mask] as T | null;
    }
    this.shift();
    return item;
  }

  #grow(): void {
    const size = this.#items.length;
    const grown = new Array<T | null>(size * 2).fill(null);
    for (let i = 0; i < size; i++) grown[i] = this.#items[(this.#head + i) & this.#mask] as T | null;
    this.#items = grown;
    this.#mask = size * 2 - 1;
    this.#head = 0;
  }
}
