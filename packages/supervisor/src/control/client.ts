// Talks to a running supervisor over its control socket.
import { connect, type Socket } from "node:net";
import { userInfo } from "node:os";
import {
  ControlClosedError,
  ControlError,
  ControlPermissionError,
  ControlTimeoutError,
  NotRunningError,
} from "../errors.ts";
import type { ControlCommands } from "./commands.ts";
import { lineReader } from "./lines.ts";
import { controlPath } from "./path.ts";
import { type ControlCaller, type ControlReply, type ControlRequest, PROTOCOL_VERSION } from "./protocol.ts";

/** Commands that a supervisor answers from what it knows, and how long it may take for that, in ms. */
const answerWithin: Partial<Record<keyof ControlCommands, number>> = {
  status: 10_000,
  configuration: 10_000,
  why: 10_000,
};

/** The longest reply that is read, in bytes. */
const MAX_REPLY = 64 * 1024 * 1024;

/**
 * A connection to a supervisor's control socket. It owns the connection until `close()`.
 *
 * @example
 * ```ts
 * using client = await ControlClient.connect("echo");
 * const { services } = await client.call("status", {});
 * ```
 */
export class ControlClient implements Disposable {
  readonly #socket: Socket;
  readonly #calls = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>();
  #nextId = 1;
  /** Why no call can be answered any more. */
  #ended: Error | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    const onTooLong = () => socket.destroy(new ControlError(`the reply is longer than ${MAX_REPLY} bytes`));
    socket.on(
      "data",
      lineReader(MAX_REPLY, (line) => this.#onReply(line), onTooLong),
    );
    socket.on("error", (error) => this.#fail(error));
    socket.on("close", () => this.#fail(new ControlClosedError()));
  }

  /**
   * @throws {NotRunningError} when no supervisor with that name answers
   * @throws {ControlPermissionError} when its socket, or the folder of the sockets, is not this user's
   */
  static async connect(name: string): Promise<ControlClient> {
    return ControlClient.open(controlPath(name), name);
  }

  /**
   * Connects to the control socket at `path`, wherever it is.
   *
   * @param name what the supervisor is called in errors. Default: the path
   * @throws {NotRunningError} when nobody answers there
   */
  static open(path: string, name: string = path): Promise<ControlClient> {
    return new Promise((resolve, reject) => {
      const socket = connect(path);
      socket.once("connect", () => {
        socket.removeAllListeners("error");
        resolve(new ControlClient(socket));
      });
      socket.once("error", (error: NodeJS.ErrnoException) => {
        const isForbidden = error.code === "EACCES" || error.code === "EPERM";
        const text = `${path} is not open to this user (${error.code})`;
        reject(isForbidden ? new ControlPermissionError(text) : new NotRunningError(name, path, { cause: error }));
      });
    });
  }

  /**
   * Sends a command and waits for its result.
   *
   * @param timeout in ms. Default: none, but 10 s for what a supervisor answers from what it knows (status, configuration, why)
   * @throws {ControlError} with the supervisor's message when it refuses
   * @throws {ControlClosedError} when it ends before it answers, or has ended
   * @throws {ControlTimeoutError} when it does not answer in time
   */
  call<C extends keyof ControlCommands>(
    command: C,
    params: ControlCommands[C]["params"],
    { timeout = answerWithin[command] }: { readonly timeout?: number | undefined } = {},
  ): Promise<ControlCommands[C]["result"]> {
    if (this.#ended) return Promise.reject(this.#ended);
    const id = this.#nextId++;
    const request: ControlRequest = { plait: PROTOCOL_VERSION, id, command, params, by: caller() };
    return new Promise<ControlCommands[C]["result"]>((resolve, reject) => {
      const timer = timeout && setTimeout(() => this.#giveUp(id, new ControlTimeoutError(command, timeout)), timeout);
      const settled =
        <A>(settle: (value: A) => void) =>
        (value: A) => {
          clearTimeout(timer);
          settle(value);
        };
      this.#calls.set(id, { resolve: settled(resolve as (result: unknown) => void), reject: settled(reject) });
      this.#socket.write(`${JSON.stringify(request)}\n`);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #onReply(line: string): void {
    const reply = JSON.parse(line) as ControlReply;
    // A refusal without an id is about the request that could not be read: the only one that can be open is the oldest.
    const id = reply.id ?? this.#calls.keys().next().value;
    const call = id === undefined ? undefined : this.#calls.get(id);
    if (id === undefined || !call) return;
    this.#calls.delete(id);
    if (reply.ok) call.resolve(reply.result);
    else call.reject(new ControlError(reply.error.message, reply.error.code));
  }

  #giveUp(id: number, error: Error): void {
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    call?.reject(error);
  }

  #fail(error: Error): void {
    this.#ended ??= error;
    for (const call of this.#calls.values()) call.reject(error);
    this.#calls.clear();
  }
}

/** Who this program is, for the supervisor's log. */
function caller(): ControlCaller {
  return { user: userName(), pid: process.pid };
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A user without an entry in the system's list, as in many containers.
    return String(process.getuid?.() ?? "unknown");
  }
}

/** Whether somebody listens on a control socket. */
export function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    // Any other error is of somebody who is there: a full queue, for one.
    socket.once("error", ({ code }: NodeJS.ErrnoException) => resolve(code !== "ECONNREFUSED" && code !== "ENOENT"));
  });
}
