// A process without serving threads: its one unit can be called too, by its own code and by the supervisor.
import { MessageChannel } from "node:worker_threads";
import { UnitNotServingError } from "./errors.ts";
import { NamedMemory } from "./named-memory.ts";
import { type Methods, serveRemote } from "./remote-server.ts";
import type { Directory, UnitLink } from "./remote-units.ts";

export class OwnUnit implements Directory {
  readonly #unit: string;
  readonly #methods: Methods;
  readonly #memory = new NamedMemory();

  constructor(unit: string, methods: Methods) {
    this.#unit = unit;
    this.#methods = methods;
  }

  async units(): Promise<readonly string[]> {
    return [this.#unit];
  }

  async memory(name: string, bytes: number): Promise<SharedArrayBuffer> {
    return this.#memory.get(name, bytes);
  }

  async connect(unit: string): Promise<UnitLink> {
    if (unit !== this.#unit) throw new UnitNotServingError(unit, [this.#unit]);
    const { port1, port2 } = new MessageChannel();
    serveRemote(unit, this.#methods, port2);
    // It ends with everyone who could call it.
    return { port: port1, gone: new Promise(() => {}) };
  }
}
