// A program that a contender needs and that npm does not bring: it takes part where it is installed.

/** Looks for a program once, and remembers what it found. */
export class Peer {
  readonly name: string;
  readonly #look: () => string | undefined;
  #version: string | null | undefined;

  /** @param look its version, or undefined when it is not installed */
  constructor(name: string, look: () => string | undefined) {
    this.name = name;
    this.#look = look;
  }

  /** Undefined when it is not installed. */
  get version(): string | undefined {
    this.#version ??= this.#look() ?? null;
    return this.#version ?? undefined;
  }
}
