// One unix socket that answers requests, one JSON object a line.
import { chmodSync, chownSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { ControlError } from "../errors.ts";
import { lineReader } from "./lines.ts";
import { type ControlReply, type ControlRequest, MAX_LINE, readRequest } from "./protocol.ts";

export interface ControlSocketOptions {
  readonly path: string;
  /** Permission bits of the socket: who may write to it may connect. */
  readonly mode: number;
  /** The group that it is given to, by number. Default: this program's. */
  readonly group?: number | undefined;
  /** Answers one request; an error's code and message are sent instead. */
  readonly answer: (request: ControlRequest) => Promise<unknown>;
}

/** Owns the socket and its file until `close()`. */
export class ControlSocket {
  readonly #server: Server;
  readonly #clients = new Set<Socket>();
  readonly #underWay = new Set<Promise<void>>();

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Listens at the path, and takes over what a killed supervisor left there. */
  static async open(options: ControlSocketOptions): Promise<ControlSocket> {
    const { path, mode, group } = options;
    rmSync(path, { force: true });
    const server = createServer();
    const listening = new Promise<void>((resolve, reject) => {
      server.once("listening", resolve);
      server.once("error", reject);
    });
    // Bind with no permissions for others: until `chmod` nobody else may connect.
    const before = process.umask(0o177);
    server.listen(path);
    process.umask(before);
    await listening;
    if (group !== undefined) chownSync(path, -1, group);
    chmodSync(path, mode);
    // Let an accept fail, for want of descriptors: its client asks again.
    server.on("error", () => {});
    const socket = new ControlSocket(server);
    server.on("connection", (client) => socket.#serve(client, options.answer));
    return socket;
  }

  /** Closes the socket once the replies under way have been sent. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    await Promise.all(this.#underWay);
    for (const client of this.#clients) client.end();
    await closed;
  }

  #serve(socket: Socket, answer: ControlSocketOptions["answer"]): void {
    this.#clients.add(socket);
    socket.on("close", () => this.#clients.delete(socket));
    // A client that goes away in the middle is its own affair.
    socket.on("error", () => {});
    const reply = (message: ControlReply) => socket.write(`${JSON.stringify(message)}\n`);
    const refuse = (id: number | null, error: unknown) => {
      const { code = "ERR_PLAIT_CONTROL", message = String(error) } = error as { code?: string; message?: string };
      reply({ id, ok: false, error: { code, message } });
    };
    const onLine = async (line: string) => {
      const request = readRequest(line);
      if (request instanceof Error) return refuse(null, request);
      try {
        reply({ id: request.id, ok: true, result: await answer(request) });
      } catch (error) {
        refuse(request.id, error);
      }
    };
    socket.on(
      "data",
      lineReader(
        MAX_LINE,
        (line) => {
          const answered = onLine(line).finally(() => this.#underWay.delete(answered));
          this.#underWay.add(answered);
        },
        () => {
          refuse(null, new ControlError(`a request is at most ${MAX_LINE} bytes long`));
          socket.destroySoon();
        },
      ),
    );
  }
}
