// A unit without anything behind it.
import type { Exit, Unit } from "../src/index.ts";

/** Is ready and ends when the test says so. */
export class FakeUnit implements Unit {
  readonly #ready = Promise.withResolvers<void>();
  readonly #exited = Promise.withResolvers<Exit>();
  readonly ready = this.#ready.promise;
  readonly exited = this.#exited.promise;
  readonly name: string;
  alive = true;
  killed = false;

  constructor(name: string) {
    this.name = name;
  }
  becomeReady(): void {
    this.#ready.resolve();
  }
  fail(error: Error): void {
    this.#ready.reject(error);
    this.end({ cause: "not-ready", text: error.message });
  }
  end(exit: Exit): void {
    this.alive = false;
    this.#exited.resolve(exit);
  }
  kill(why: Exit = { cause: "planned", text: "killed" }): void {
    this.killed = true;
    this.end(why);
  }
}
