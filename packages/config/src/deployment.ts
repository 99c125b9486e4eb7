// A configuration once it is checked: every default filled in, every path absolute, every duration in milliseconds.
import type { RestartLimits } from "@plait/policy";
import type { EnvironmentOverride } from "./environment.ts";

/** A certificate with its key; absolute paths. */
export interface CertificateConfig {
  readonly cert: string;
  readonly key: string;
  readonly passphrase?: string | undefined;
}

/** What a listener does with its connections. Durations in milliseconds, sizes in bytes; left out is the default. */
export interface ListenerOptionsConfig {
  readonly accept?: "handoff" | "direct" | undefined;
  readonly tls?:
    | (CertificateConfig & {
        readonly names?: { readonly [name: string]: CertificateConfig } | undefined;
        readonly alpn?: readonly string[] | undefined;
        readonly ca?: string | undefined;
        readonly clientCertificate?: "ignore" | "request" | "require" | undefined;
        readonly minVersion?: "TLSv1.2" | "TLSv1.3" | undefined;
      })
    | undefined;
  readonly proxy?: { readonly mode: "require" | "accept"; readonly trust: readonly string[] } | undefined;
  readonly limits?:
    | {
        readonly connections?: number | undefined;
        readonly perAddress?:
          | { readonly max: number; readonly prefix4?: number | undefined; readonly prefix6?: number | undefined }
          | undefined;
        readonly acceptRate?: { readonly perSecond: number; readonly burst?: number | undefined } | undefined;
        readonly minReadRate?: { readonly bytesPerSecond: number; readonly grace: number } | undefined;
        readonly overload?: "queue" | "close" | "reset" | { readonly farewell: string } | undefined;
      }
    | undefined;
  readonly timeouts?:
    | { readonly [kind in "handshake" | "idle" | "read" | "write" | "lifetime" | "linger"]?: number | undefined }
    | undefined;
  readonly watermarks?: { readonly low: number; readonly high: number } | undefined;
  readonly readAhead?: number | undefined;
  readonly noDelay?: boolean | undefined;
  /** Milliseconds until an idle peer is probed, or `false`. */
  readonly keepAlive?: number | false | undefined;
}

/** A bound address of a service. */
export type ListenerConfig =
  | {
      readonly kind: "tcp";
      readonly name: string;
      /** `undefined` is every address of the machine. */
      readonly host: string | undefined;
      readonly port: number;
      readonly backlog: number;
      readonly ipv6Only: boolean;
      readonly options: ListenerOptionsConfig;
    }
  | {
      readonly kind: "unix";
      readonly name: string;
      /** Absolute. */
      readonly path: string;
      /** Permission bits; `undefined` leaves it to the umask. */
      readonly mode: number | undefined;
      readonly backlog: number;
      readonly options: ListenerOptionsConfig;
    }
  | {
      readonly kind: "inherit";
      readonly name: string;
      /** A descriptor number, or a name in `LISTEN_FDNAMES`. */
      readonly descriptor: number | string;
      readonly options: ListenerOptionsConfig;
    };

export type HealthListener = Extract<ListenerConfig, { kind: "tcp" | "unix" }>;

export interface TopologyConfig {
  readonly processes: number | "auto";
  readonly threads: number | "auto";
  readonly coroutines: number;
}

/** One service. Durations in milliseconds. */
export interface ServiceConfig {
  readonly name: string;
  /** Absolute path of the module whose default export is the service. */
  readonly entry: string;
  /** At least one. */
  readonly listen: readonly ListenerConfig[];
  readonly topology: TopologyConfig;
  readonly queue: number;
  /** The name of a policy, or the absolute path of a module. */
  readonly placement: string;
  readonly offload: { readonly threads: number | "auto"; readonly queue: number; readonly nice: number };
  /** As whom its processes run, by name or id; `undefined` is as the supervisor. */
  readonly user?: string | undefined;
  readonly group?: string | undefined;
  readonly start: { readonly timeout: number };
  readonly stop: {
    readonly preDrain: number;
    readonly drain: number;
    readonly cancel: number;
    readonly kill: number;
  };
  readonly reload: { readonly soak: number; readonly surge: number; readonly keep: number };
  /** When a process that serves is replaced; `undefined` is never. */
  readonly recycle: {
    readonly memory?: number | undefined;
    readonly age?: number | undefined;
    readonly connections?: number | undefined;
    readonly threadHeap?: number | undefined;
    readonly threadAge?: number | undefined;
    readonly minLifetime: number;
  };
  /** When a thread that blocks its event loop is reported, when it is replaced, and when a process is. 0 is never. */
  readonly watchdog: { readonly report: number; readonly kill: number; readonly process: number };
  /** In bytes; `undefined` leaves it to V8. */
  readonly limits: { readonly threadHeap?: number | undefined };
  readonly restart: { readonly [tier in "thread" | "process" | "service"]: RestartLimits };
}

/** Where the supervisor keeps what units write and what happens to them. */
export interface LogsConfig {
  /** In bytes. */
  readonly memory: number;
  /** Absolute path; `undefined` is no file. */
  readonly file?: string | undefined;
  readonly format: "text" | "json";
}

/** A control socket for commands that change nothing. */
export interface ReadersSocket {
  /** Absolute. */
  readonly path: string;
  /** Permission bits. */
  readonly mode: number;
  /** By name or number; `undefined` leaves it to the supervisor's own. */
  readonly group?: number | string | undefined;
}

/** A configuration, ready to run. */
export interface Deployment {
  readonly name: string;
  /** Absolute path of the file it came from; `undefined` if a program passed it. */
  readonly file: string | undefined;
  /** At least one, in the order of the file. */
  readonly services: readonly ServiceConfig[];
  /** Where the supervisor answers for health and metrics; `undefined` if nowhere. */
  readonly health: { readonly listen: HealthListener } | undefined;
  readonly logs: LogsConfig;
  readonly control: { readonly readers?: ReadersSocket | undefined };
  /** The environment variables that changed it. */
  readonly overrides: readonly EnvironmentOverride[];
}
