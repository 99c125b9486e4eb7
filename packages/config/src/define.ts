// What people write: the types of a configuration and `defineConfig`. Imports nothing at run time, so that a service
// module may import it for free.
import type { RestartWhen } from "@plait/policy";
import type { Duration } from "./duration.ts";
import type { Size } from "./size.ts";

export type { Duration } from "./duration.ts";

/**
 * An address to listen on: `"127.0.0.1:8080"`, `"[::1]:8080"`, `"localhost:8080"`, `":8080"` (every address of the
 * machine), `"/run/echo.sock"` or `"./echo.sock"` (a unix socket), `"inherit:3"` or `"inherit:http"` (a socket that
 * systemd passed), or the same as an object.
 */
export type ListenInput = string | TcpListenInput | UnixListenInput | InheritListenInput;

/** A certificate with its key: paths of PEM files, relative to the configuration. */
export interface CertificateInput {
  readonly cert: string;
  readonly key: string;
  readonly passphrase?: string;
}

/** What a listener does with its connections; see the reference for each default. */
export interface ListenerOptionsInput {
  /**
   * Who accepts where a process has threads: the process, which hands each connection to the thread that `placement` picks
   * (`"handoff"`), or every thread for itself (`"direct"`). Default `"handoff"`; a unix socket's is `"direct"`.
   */
  readonly accept?: "handoff" | "direct";
  /** Speak TLS, in the thread that serves the connection. */
  readonly tls?: CertificateInput & {
    /** Certificates by the name that the client asks for (SNI). */
    readonly names?: { readonly [name: string]: CertificateInput };
    /** Protocols offered through ALPN, best first. */
    readonly alpn?: readonly string[];
    /** Authorities that client certificates are checked against. */
    readonly ca?: string;
    readonly clientCertificate?: "ignore" | "request" | "require";
    readonly minVersion?: "TLSv1.2" | "TLSv1.3";
  };
  /** Read PROXY protocol headers from trusted peers. */
  readonly proxy?: { readonly mode: "require" | "accept"; readonly trust: readonly string[] };
  /** How much the listener takes, and what happens above it. */
  readonly limits?: {
    /** Connections of one process at a time. */
    readonly connections?: number;
    /** Connections of one process from one network at a time. */
    readonly perAddress?: { readonly max: number; readonly prefix4?: number; readonly prefix6?: number };
    /** New connections a second that one thread serves. */
    readonly acceptRate?: { readonly perSecond: number; readonly burst?: number };
    /** The least a peer has to send while a part of its message is there. */
    readonly minReadRate?: { readonly bytesPerSecond: number; readonly grace: Duration };
    readonly overload?: "queue" | "close" | "reset" | { readonly farewell: string };
  };
  /** How long a peer may take. */
  readonly timeouts?: {
    readonly handshake?: Duration;
    readonly idle?: Duration;
    readonly read?: Duration;
    readonly write?: Duration;
    readonly lifetime?: Duration;
    readonly linger?: Duration;
  };
  /** Bytes that may wait for a peer: a write waits from `high` on, and goes on at `low`. */
  readonly watermarks?: { readonly low: Size; readonly high: Size };
  /** Unread bytes at which a peer is held back. */
  readonly readAhead?: Size;
}

/** What is asked of the kernel for each TCP connection. */
export interface TcpOptionsInput {
  /** Send small packets at once. Default true. */
  readonly noDelay?: boolean;
  /** Idle this long, a peer is probed, and cut off when it does not answer; `false`: never. Default `"60s"`. */
  readonly keepAlive?: Duration | false;
}

export interface TcpListenInput extends ListenerOptionsInput, TcpOptionsInput {
  /** Address or name to bind. Default: every address of the machine, IPv6 and IPv4. */
  readonly host?: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Connections that the kernel keeps until they are accepted. Default 4096; the kernel caps it at `somaxconn`. */
  readonly backlog?: number;
  /** Listen on IPv6 only where the host means both. Default false. */
  readonly ipv6Only?: boolean;
}

export interface UnixListenInput extends ListenerOptionsInput {
  /** Path of the socket file, relative to the configuration. */
  readonly path: string;
  /** Permissions of the socket file, such as `0o660` or `"0660"`. Default: what the umask leaves. */
  readonly mode?: number | string;
  readonly backlog?: number;
}

export interface InheritListenInput extends ListenerOptionsInput, TcpOptionsInput {
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
  /** Connections that a process may accept before a coroutine is free for them. Default 0. */
  readonly queue?: number;
  /**
   * Which thread of a process a connection goes to: a policy, or the path of a module whose default export is a
   * `Placement`. Default `"least-connections"`.
   */
  readonly placement?: "least-connections" | "power-of-two" | "round-robin" | "hash" | `${string}/${string}`;
  readonly offload?: {
    /** Threads of each process that compute what is offloaded. Default `"auto"`: one for every core, and one more. */
    readonly threads?: number | "auto";
    /** Calls that may wait for one. Default 1024. */
    readonly queue?: number;
    /** How far these threads stand back for others: what is added to their nice value, 0 to 19. Default 10. */
    readonly nice?: number;
  };
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
  /** As whom the processes run, by name or id. Default: as the supervisor. */
  readonly user?: string;
  /** The group of the processes, by name or id. Default: that of `user`. */
  readonly group?: string;
  readonly reload?: {
    /** The first new process has to stay up this long before an old one is touched. Default `"5s"`. */
    readonly soak?: Duration;
    /** Processes above the configured number while a reload is under way. Default 1. */
    readonly surge?: number;
    /**
     * Old generations that go on serving the connections which are left when the drain is over; a reload ends what is older.
     * Default 0: it is cancelled.
     */
    readonly keep?: number;
  };
  readonly recycle?: {
    /** A process whose resident memory is above this is replaced. Default: never. */
    readonly memory?: Size;
    /** A process that is older is replaced. Default: never. */
    readonly age?: Duration;
    /** A process that has accepted so many connections is replaced. Default: never. */
    readonly connections?: number;
    /** A thread that uses more of its JavaScript heap is replaced. Default: never. */
    readonly threadHeap?: Size;
    /** A thread that is older is replaced. Default: never. */
    readonly threadAge?: Duration;
    /** A process or a thread that serves for less is not replaced. Default `"1m"`. */
    readonly minLifetime?: Duration;
  };
  readonly watchdog?: {
    /** A thread that blocks its event loop this long is reported, with its stack. 0 is never. Default `"2s"`. */
    readonly report?: Duration;
    /** One that blocks it this long is replaced. 0 is never. Default `"15s"`. */
    readonly kill?: Duration;
    /** A process whose main thread stands still this long is replaced. 0 is never. Default `"30s"`. */
    readonly process?: Duration;
  };
  readonly limits?: {
    /** JavaScript heap of one thread; one that needs more is ended and replaced. Default: what V8 chooses. */
    readonly threadHeap?: Size;
  };
  readonly restart?: {
    readonly thread?: RestartInput;
    readonly process?: RestartInput;
    readonly service?: RestartInput;
  };
}

/** What stands at the top level of a configuration, for all of its services. */
export interface DeploymentInput {
  /** Health and metrics over HTTP, answered by the supervisor. Left out: off. */
  readonly health?: {
    /** A TCP address or the path of a unix socket. Default `"127.0.0.1:9090"`. */
    readonly listen?: string;
  };
  /** Who may talk to the supervisor, besides the user that it runs as. */
  readonly control?: {
    /** A second control socket, on which only commands are answered that change nothing. Left out: none. */
    readonly readers?: {
      readonly path: string;
      /** Permission bits, as a number or in octal. Default `"0660"`. */
      readonly mode?: number | string;
      /** Name or number. Default: the supervisor's own. */
      readonly group?: number | string;
    };
  };
  /** What the units write and what happens to them. */
  readonly logs?: {
    /** How much of it the supervisor keeps for `supervisor logs`. Default `"4MiB"`. */
    readonly memory?: Size;
    /** A file that every line is appended to as well. Left out: none. */
    readonly file?: string;
    /** How a line stands in the file. Default `"text"`. */
    readonly format?: "text" | "json";
  };
}

/** A configuration with one service. */
export interface SingleServiceInput extends ServiceInput, DeploymentInput {
  /** Where an editor finds the JSON Schema. Ignored. */
  readonly $schema?: string;
  /** Name in ids, logs and metrics. Default: the entry's file name. */
  readonly name?: string;
  readonly services?: never;
}

/** A configuration with several services, by name. */
export interface ServicesInput extends DeploymentInput {
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
