// How the serving threads of a process reach each other: the main thread makes each pair its own channel, and is out of
// the way from then on. It also knows how a thread ended, which the one at the other end of a port can't see.
import { MessageChannel, type MessagePort } from "node:worker_threads";
import type { Exit } from "@plait/policy";
import { ThreadExitedError } from "../errors.ts";
import { packError, packThrown, unpackError, unpackThrown } from "../thrown.ts";
import { UnitNotServingError } from "./errors.ts";
import { NamedMemory } from "./named-memory.ts";
import type { Directory, UnitLink } from "./remote-units.ts";
import type { FromSwitchboard, ToSwitchboard } from "./wire.ts";

/** A thread that can be called. */
export interface Callable {
  readonly unit: string;
  readonly exited: Promise<Exit>;
  /** Answers calls on this port from now on. */
  connect(port: MessagePort): void;
}

/** The main thread's side: it can call the threads itself, and connects them with each other. */
export class Switchboard implements Directory {
  readonly #serving: () => Iterable<Callable>;
  readonly #memory = new NamedMemory();

  constructor(serving: () => Iterable<Callable>) {
    this.#serving = serving;
  }

  async units(): Promise<readonly string[]> {
    return this.#units();
  }

  async memory(name: string, bytes: number): Promise<SharedArrayBuffer> {
    return this.#memory.get(name, bytes);
  }

  async connect(unit: string): Promise<UnitLink> {
    const { thread, port } = this.#reach(unit);
    return { port, gone: endOf(thread) };
  }

  /** Answers a thread's requests until its port closes. */
  serve(port: MessagePort): void {
    const reply = (message: FromSwitchboard, transfer: MessagePort[] = []) => port.postMessage(message, transfer);
    port.on("message", (message: ToSwitchboard) => {
      const { ask } = message;
      if (message.type === "units") return reply({ ask, units: this.#units() });
      try {
        if (message.type === "memory") return reply({ ask, memory: this.#memory.get(message.name, message.bytes) });
        const { thread, port: way } = this.#reach(message.unit);
        reply({ ask, port: way }, [way]);
        void endOf(thread).then((error) => reply({ ask, gone: packError(error) }));
      } catch (error) {
        reply({ ask, refused: packThrown(error) });
      }
    });
    port.unref();
  }

  #reach(unit: string): { readonly thread: Callable; readonly port: MessagePort } {
    const thread = [...this.#serving()].find((one) => one.unit === unit);
    if (thread === undefined) throw new UnitNotServingError(unit, this.#units());
    const { port1, port2 } = new MessageChannel();
    thread.connect(port2);
    return { thread, port: port1 };
  }

  #units(): readonly string[] {
    return [...this.#serving()].map(({ unit }) => unit);
  }
}

async function endOf(thread: Callable): Promise<Error> {
  return new ThreadExitedError(thread.unit, await thread.exited);
}

/** A thread's side: it asks the main thread. */
export class SwitchboardClient implements Directory {
  readonly #port: MessagePort;
  readonly #asked = new Map<number, (reply: FromSwitchboard) => void>();
  #last = 0;

  constructor(port: MessagePort) {
    this.#port = port;
    port.on("message", (reply: FromSwitchboard) => {
      const take = this.#asked.get(reply.ask);
      this.#asked.delete(reply.ask);
      take?.(reply);
    });
    port.unref();
  }

  async units(): Promise<readonly string[]> {
    const reply = await this.#ask((ask) => ({ type: "units", ask }));
    return "units" in reply ? reply.units : [];
  }

  async memory(name: string, bytes: number): Promise<SharedArrayBuffer> {
    const reply = await this.#ask((ask) => ({ type: "memory", ask, name, bytes }));
    if ("refused" in reply) throw unpackThrown(reply.refused);
    if ("memory" in reply) return reply.memory;
    throw new TypeError("the main thread answered something else");
  }

  connect(unit: string): Promise<UnitLink> {
    const ask = ++this.#last;
    return new Promise((resolve, reject) => {
      this.#asked.set(ask, (reply) => {
        if ("refused" in reply) return reject(unpackThrown(reply.refused));
        if (!("port" in reply)) return;
        const gone = new Promise<Error>((tell) => {
          this.#asked.set(ask, (end) => "gone" in end && tell(unpackError(end.gone)));
        });
        resolve({ port: reply.port, gone });
      });
      this.#port.postMessage({ type: "connect", ask, unit } satisfies ToSwitchboard);
    });
  }

  #ask(request: (ask: number) => ToSwitchboard): Promise<FromSwitchboard> {
    const ask = ++this.#last;
    return new Promise((resolve) => {
      this.#asked.set(ask, resolve);
      this.#port.postMessage(request(ask));
    });
  }
}
