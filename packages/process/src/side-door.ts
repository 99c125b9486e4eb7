// A way into a process that does not pass its main thread: a pipe to the thread that watches the supervisor. It is open
// also while the main thread spins.
//
// On it: one JSON object a line, requests one way and replies the other.
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { deserializeError, type ErrorObject, serializeError } from "serialize-error";
import { eachLine } from "./output-lines.ts";

/** The pipe's descriptor in the process. */
export const SIDE_DOOR = 4;

interface Request {
  readonly id: number;
  readonly method: string;
  readonly args: readonly unknown[];
}

interface Reply {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: ErrorObject;
}

/** The supervisor's end. */
export class SideDoor {
  readonly #pipe: Duplex;
  readonly #open = new Map<number, PromiseWithResolvers<unknown>>();
  #lastId = 0;

  constructor(pipe: Duplex) {
    this.#pipe = pipe;
    void eachLine(pipe, (line) => {
      const { id, value, error } = JSON.parse(line) as Reply;
      const call = this.#open.get(id);
      this.#open.delete(id);
      if (error) call?.reject(deserializeError(error));
      else call?.resolve(value);
    });
  }

  /** Calls a method of the module beside the main thread; `close` rejects it. */
  call(method: string, args: readonly unknown[]): Promise<unknown> {
    const id = ++this.#lastId;
    const call = Promise.withResolvers<unknown>();
    this.#open.set(id, call);
    this.#pipe.write(`${JSON.stringify({ id, method, args } satisfies Request)}\n`, () => {});
    return call.promise;
  }

  /** Rejects what is open. Call it when the process is gone: the end of the pipe does not say how it ended. */
  close(error: Error): void {
    for (const call of this.#open.values()) call.reject(error);
    this.#open.clear();
  }
}

/**
 * The process's end, in the thread that watches the supervisor.
 *
 * @param methods what the supervisor may call; arguments and results are JSON
 */
export function answerSideDoor(methods: Readonly<Record<string, (...args: readonly never[]) => unknown>>): void {
  const pipe = new Socket({ fd: SIDE_DOOR, readable: true, writable: true });
  const answer = async ({ method, args }: Request): Promise<Omit<Reply, "id">> => {
    try {
      const run = Object.hasOwn(methods, method) ? methods[method] : undefined;
      if (!run) throw new TypeError(`there is no method "${method}" beside the main thread`);
      return { value: await run(...(args as readonly never[])) };
    } catch (error) {
      return { error: serializeError(error) };
    }
  };
  void eachLine(pipe, async (line) => {
    const request = JSON.parse(line) as Request;
    pipe.write(`${JSON.stringify({ id: request.id, ...(await answer(request)) } satisfies Reply)}\n`);
  });
}
