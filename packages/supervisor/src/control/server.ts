// Answers commands on a supervisor's control socket.
import { chmodSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { AlreadyRunningError, ControlError } from "../errors.ts";
import type { Supervisor } from "../supervisor.ts";
import { answers } from "./client.ts";
import type { ControlCommands } from "./commands.ts";
import { contract } from "./contract.ts";
import { handlers } from "./handlers.ts";
import { lineReader } from "./lines.ts";
import { controlPath } from "./path.ts";
import { type ControlReply, MAX_LINE, readRequest } from "./protocol.ts";

/** Runs the command that was asked for, after checking its parameters. */
async function run<C extends keyof ControlCommands>(
  supervisor: Supervisor,
  command: C,
  params: unknown,
): Promise<ControlCommands[C]["result"]> {
  const checked = contract[command].params.safeParse(params);
  if (!checked.success) {
    const problems = checked.error.issues.map(({ path, message }) => `${path.join(".") || "params"}: ${message}`);
    throw new ControlError(`${command} can't be asked like that: ${problems.join("; ")}`);
  }
  return handlers[command](supervisor, checked.data);
}

function isCommand(name: string): name is keyof ControlCommands {
  return Object.hasOwn(contract, name);
}

/** A supervisor's control socket, mode 0600. It owns the socket and its file until `close()`. */
export class ControlServer {
  readonly path: string;
  readonly #server: Server;
  readonly #clients = new Set<Socket>();
  readonly #underWay = new Set<Promise<void>>();

  private constructor(path: string, server: Server) {
    this.path = path;
    this.#server = server;
  }

  /**
   * Opens the control socket under the supervisor's name. A socket that a killed supervisor left behind is taken over.
   *
   * @throws {AlreadyRunningError} when a live supervisor has the name
   * @throws {ControlError} when the folder for control sockets can't be used
   */
  static async open(supervisor: Supervisor): Promise<ControlServer> {
    const path = controlPath(supervisor.name);
    if (await answers(path)) throw new AlreadyRunningError(supervisor.name, path);
    rmSync(path, { force: true });
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once("listening", resolve);
      server.once("error", reject);
      server.listen(path);
    });
    chmodSync(path, 0o600);
    const control = new ControlServer(path, server);
    server.on("connection", (socket) => control.#serve(socket, supervisor));
    return control;
  }

  /** Closes the socket once the replies under way have been sent. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    await Promise.all(this.#underWay);
    for (const client of this.#clients) client.end();
    await closed;
  }

  #serve(socket: Socket, supervisor: Supervisor): void {
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
      if (typeof request === "string") return refuse(null, new ControlError(request));
      const { command } = request;
      if (!isCommand(command)) return refuse(request.id, new ControlError(`there is no command "${command}"`));
      try {
        reply({ id: request.id, ok: true, result: await run(supervisor, command, request.params) });
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
