// Answers commands about a supervisor: all of them on its control socket, those that only read on one for readers too.
import { AlreadyRunningError, ControlError, NotForReadersError } from "../errors.ts";
import type { Supervisor } from "../supervisor.ts";
import { answers } from "./client.ts";
import type { ControlCommands } from "./commands.ts";
import { contract } from "./contract.ts";
import { groupId } from "./group-id.ts";
import { handlers } from "./handlers.ts";
import { controlPath } from "./path.ts";
import type { ControlRequest } from "./protocol.ts";
import { ControlSocket } from "./socket.ts";

/** A supervisor's control socket, mode 0600, and the one for readers if it is configured. It owns them until `close()`. */
export class ControlServer {
  readonly path: string;
  readonly #sockets: readonly ControlSocket[];

  private constructor(path: string, sockets: readonly ControlSocket[]) {
    this.path = path;
    this.#sockets = sockets;
  }

  /**
   * Before anything of a deployment is started: so a second supervisor of the same configuration is told what it is.
   *
   * @throws {AlreadyRunningError} when a live supervisor has the name
   * @throws {ControlPermissionError | ControlError} as {@link controlPath}
   */
  static async checkFree(name: string): Promise<void> {
    const path = controlPath(name);
    if (await answers(path)) throw new AlreadyRunningError(name, path);
  }

  /**
   * Opens the control socket under the supervisor's name. A socket that a killed supervisor left behind is taken over.
   *
   * @throws {AlreadyRunningError} when a live supervisor has the name, or the path of the socket for readers
   * @throws {ControlPermissionError} when the folder for control sockets is not this user's alone
   * @throws {ControlError} when a socket can't be opened
   */
  static async open(supervisor: Supervisor): Promise<ControlServer> {
    const path = controlPath(supervisor.name);
    const sockets: ControlSocket[] = [];
    const open = async (options: {
      readonly path: string;
      readonly mode: number;
      readonly group?: number | undefined;
    }) => {
      if (await answers(options.path)) throw new AlreadyRunningError(supervisor.name, options.path);
      const answer = (request: ControlRequest) => answerOne(supervisor, request, options.path !== path);
      sockets.push(await ControlSocket.open({ ...options, answer }));
    };
    try {
      await open({ path, mode: 0o600 });
      const { readers } = supervisor.deployment.control;
      if (readers) await open({ ...readers, group: readers.group === undefined ? undefined : groupId(readers.group) });
    } catch (error) {
      for (const socket of sockets) await socket.close();
      if (isOurs(error)) throw error;
      throw new ControlError(`the control socket can't be opened: ${error instanceof Error ? error.message : error}`);
    }
    return new ControlServer(path, sockets);
  }

  /** Closes the sockets once the replies under way have been sent. */
  async close(): Promise<void> {
    await Promise.all(this.#sockets.map((socket) => socket.close()));
  }
}

/** Runs the command that was asked for, after checking that it may be and how it is. */
async function answerOne(supervisor: Supervisor, request: ControlRequest, onlyReads: boolean): Promise<unknown> {
  const { command, params, by } = request;
  if (!isCommand(command)) throw new ControlError(`there is no command "${command}"`);
  const { reads, params: schema } = contract[command];
  if (onlyReads && !reads) throw new NotForReadersError(command);
  const checked = schema.safeParse(params);
  if (!checked.success) {
    const problems = checked.error.issues.map(({ path, message }) => `${path.join(".") || "params"}: ${message}`);
    throw new ControlError(`${command} can't be asked like that: ${problems.join("; ")}`);
  }
  if (!reads)
    supervisor.noteRequest(describe(command, checked.data), by ? `${by.user} (pid ${by.pid})` : "an unnamed client");
  return run(supervisor, command, checked.data);
}

function run<C extends keyof ControlCommands>(
  supervisor: Supervisor,
  command: C,
  params: ControlCommands[C]["params"],
) {
  return handlers[command](supervisor, params);
}

/** The command with its parameters, but for the arguments of a call: they may hold secrets, and be long. */
function describe(command: string, params: object): string {
  const words = Object.entries(params).flatMap(([name, value]) =>
    name === "args" ? [] : [`${name}=${JSON.stringify(value)}`],
  );
  return [command, ...words].join(" ");
}

function isCommand(name: string): name is keyof ControlCommands {
  return Object.hasOwn(contract, name);
}

function isOurs(error: unknown): boolean {
  return error instanceof Error && "code" in error && String(error.code).startsWith("ERR_PLAIT_");
}
