// Which way the connections of a listener take to whatever serves them.
import { ConfigError } from "./config-error.ts";
import type { ListenerConfig, ServiceConfig } from "./deployment.ts";

/**
 * - `process`: there are no threads; the process that accepts a connection serves it.
 * - `handoff`: the process accepts, and hands the connection to the thread that the placement picks.
 * - `direct`: every thread accepts for itself, and the kernel balances.
 */
export type AcceptWay = "process" | "handoff" | "direct";

/**
 * Which way it is, with so many processes and threads.
 *
 * @param isUnix whether it is a unix socket: of one that is inherited only its descriptor tells
 * @throws {ConfigError} when there is none
 */
export function acceptWay(
  { name, options }: ListenerConfig,
  isUnix: boolean,
  { processes, threads }: { readonly processes: number; readonly threads: number },
): AcceptWay {
  if (threads === 0) return "process";
  const { accept = isUnix ? "direct" : "handoff" } = options;
  if (accept === "handoff") {
    if (isUnix) complain(`${name} is a unix socket, whose connections can't be handed to threads; leave accept out`);
    return "handoff";
  }
  if (processes === 0) {
    const why = isUnix ? `${name} is a unix socket, from which` : `accept of ${name} is "direct", with which`;
    complain(
      `${why} threads accept themselves, and there is no process that the supervisor could send the socket to: ` +
        `topology.processes is 0; write at least 1, or topology.threads: 0`,
    );
  }
  return "direct";
}

/** The same for all listeners of a service, before they are bound. An inherited one counts as TCP. */
export function acceptWays(
  { listen }: ServiceConfig,
  topology: { readonly processes: number; readonly threads: number },
): readonly AcceptWay[] {
  return listen.map((listener) => acceptWay(listener, listener.kind === "unix", topology));
}

function complain(text: string): never {
  throw new ConfigError([{ key: "listen", text: `${text}.` }]);
}
