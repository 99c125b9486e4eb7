// What people write: the types of a configuration and `defineConfig`. Imports nothing at run time, so that a service
// module may import it for free.
import type { RestartWhen } from "@plait/policy";
import type { Duration } from "./duration.ts";

export type { Duration } from "./duration.ts";

/**
 * An address to listen on: `"127.0.0.1:8080"`, `"[::1]:8080"`, `"localhost:8080"`, `":8080"` (every address of the
 * machine), `"/run/echo.sock"` or `"./echo.sock"` (a unix socket), `"inherit:3"` or `"inherit:http"` (a socket that
 * systemd passed), or the same as an object.
 */
export type ListenInput = string | TcpListenInput | UnixListenInput | InheritListenInput;

export interface TcpListenInput {
  /** Address or name to bind. Default: every address of the machine, IPv6 and IPv4. */
  readonly host?: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Connections that the kernel keeps until they are accepted. Default 4096; the kernel caps it at `somaxconn`. */
  readonly backlog?: number;
  /** Listen on IPv6 only where the host means both. Default false. */
  readonly ipv6Only?: boolean;
}

export interface UnixListenInput {
  /** Path of the socket file, relative to the configuration. */
  readonly path: string;
  /** Permissions of the socket file, such as `0o660` or `"0660"`. Default: what the umask leaves. */
  readonly mode?: number | string;
  readonly backlog?: number;
}

export interface InheritListenInput {
  /** Descriptor number, or the name that systemd gave it (`FileDescriptorName=`). */
  readonly inherit: number | string;
}

export interface TopologyInput {
  /** Worker processes. 0 serves in the supervisor's own process. Default `"auto"`: from the machine. */
  readonly processes?: number | "auto";
  /** Threads of each process. 0 serves on its main thread. Default `"auto"`: one for every core. */
  readonly threads?: number | "auto";
  /** Connections that one thread serves at once. Default 10 000. */
  readonly coroutines?: number;
}

export interface BackoffInput {
  /** First wait. Default `"100ms"`. */
  readonly initial?: Duration;
  /** Growth per attempt, at least 1. Default 2. */
  readonly factor?: number;
  /** Longest wait. Default `"30s"`. */
  readonly cap?: Duration;
  /** Healthy this long, a unit starts again from `initial`. Default `"60s"`. */
  readonly resetAfter?: Duration;
}

export interface RestartInput {
  /** Which ends lead to a restart. Default `"always"`. */
  readonly when?: RestartWhen;
  /** Restarts of each unit that are forgiven within `period`; one more escalates. Default: thread 5, process 5, service 3. */
  readonly intensity?: number;
  /** Window of `intensity`. Default: thread `"30s"`, process `"60s"`, service `"300s"`. */
  readonly period?: Duration;
  readonly backoff?: BackoffInput;
  /** Healthy after being ready this long, or after the first served connection. Default `"10s"`. */
  readonly healthyAfter?: Duration;
}

/** One service. Everything but `entry` has a default. */
export interface ServiceInput {
  /** The module whose default export is the service, relative to the configuration. */
  readonly entry: string;
  /** Where to listen: one address, several, or several with names. Default `"127.0.0.1:8080"`. */
  readonly listen?: ListenInput | readonly ListenInput[] | { readonly [name: string]: ListenInput };
  readonly topology?: TopologyInput;
  /** How a connection reaches a thread: through its process (`"handoff"`, the default) or by the thread's own accept. */
  readonly accept?: "handoff" | "direct";
  /** Connections that a process may accept before a coroutine is free for them. Default 0. */
  readonly queue?: number;
  readonly start?: {
    /** A unit that is not ready by then has failed. Default `"30s"`. */
    readonly timeout?: Duration;
  };
  readonly stop?: {
    /** Go on accepting this long after a stop was asked for, while load balancers take note. Default `"0s"`. */
    readonly preDrain?: Duration;
    /** Let what is in flight finish. Default `"20s"`. */
    readonly drain?: Duration;
    /** Let cancelled coroutines clean up. Default `"5s"`. */
    readonly cancel?: Duration;
    /** Let a process end by itself before it is killed. Default `"5s"`. */
    readonly kill?: Duration;
  };
  readonly restart?: {
    readonly thread?: RestartInput;
    readonly process?: RestartInput;
    readonly service?: RestartInput;
  };
}

/** A configuration with one service. */
export interface SingleServiceInput extends ServiceInput {
  /** Where an editor finds the JSON Schema. Ignored. */
  readonly $schema?: string;
  /** Name in ids, logs and metrics. Default: the entry's file name. */
  readonly name?: string;
  readonly services?: never;
}

/** A configuration with several services, by name. */
export interface ServicesInput {
  readonly $schema?: string;
  /** Name of the deployment. Default: the folder's name. */
  readonly name?: string;
  readonly services: { readonly [name: string]: ServiceInput };
}

/** What a configuration file exports. */
export type ConfigInput = SingleServiceInput | ServicesInput;

/**
 * Types a configuration: editors complete and check it, and it is returned as it is.
 *
 * @param config one service, or several under `services`
 *
 * @example
 * ```ts
 * // supervisor.config.ts
 * export default defineConfig({
 *   entry: "./echo.ts",
 *   listen: "127.0.0.1:8080",
 *   topology: { processes: 2, threads: 2 },
 * });
 * ```
 */
export function defineConfig(config: ConfigInput): ConfigInput {
  return config;
}
