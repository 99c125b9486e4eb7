// A queue in a power-of-two array: no shifting, and no allocation once it has grown.

const INITIAL_SIZE = 8;

/** A first-in first-out queue. */
export class Ring<T> {
  #items: (T | undefined)[] = [];
  #mask = -1;
  #head = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(item: T): void {
    if (this.#size > this.#mask) this.#grow();
    this.#items[(this.#head + this.#size++) & this.#mask] = item;
  }

  /** Puts an item at the front. */
  unshift(item: T): void {
    if (this.#size > this.#mask) this.#grow();
    this.#head = (this.#head - 1) & this.#mask;
    this.#items[this.#head] = item;
    this.#size++;
  }

  /** Takes the first item; `undefined` when there is none. */
  shift(): T | undefined {
    if (this.#size === 0) return undefined;
    const items = this.#items;
    const item = items[this.#head];
    items[this.#head] = undefined;
    this.#head = (this.#head + 1) & this.#mask;
    this.#size--;
    return item;
  }

  /** Takes the item at a distance from the front; the items before it keep their order. */
  takeAt(distance: number): T | undefined {
    const items = this.#items;
    const mask = this.#mask;
    const item = items[(this.#head + distance) & mask];
    for (let i = distance; i > 0; i--) items[(this.#head + i) & mask] = items[(this.#head + i - 1) & mask];
    this.shift();
    return item;
  }

  #grow(): void {
    const size = this.#items.length;
    const grown = new Array<T | undefined>(size === 0 ? INITIAL_SIZE : size * 2).fill(undefined);
    for (let i = 0; i < size; i++) grown[i] = this.#items[(this.#head + i) & this.#mask];
    this.#items = grown;
    this.#mask = grown.length - 1;
    this.#head = 0;
  }
}
