// Gives the slots of a deployment their ids: p1, p2, … across all services.

/** Hands out the lowest number that is free, so that a deployment's ids stay dense. */
export class UnitNames {
  readonly #taken = new Set<string>();

  claim(): string {
    let number = 1;
    while (this.#taken.has(`p${number}`)) number++;
    const name = `p${number}`;
    this.#taken.add(name);
    return name;
  }

  release(name: string): void {
    this.#taken.delete(name);
  }
}
