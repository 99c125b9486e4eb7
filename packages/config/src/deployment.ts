// A configuration once it is checked: every default filled in, every path absolute, every duration in milliseconds.
import type { RestartLimits } from "@plait/policy";
import type { EnvironmentOverride } from "./environment.ts";

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
    }
  | {
      readonly kind: "unix";
      readonly name: string;
      /** Absolute. */
      readonly path: string;
      /** Permission bits; `undefined` leaves it to the umask. */
      readonly mode: number | undefined;
      readonly backlog: number;
    }
  | {
      readonly kind: "inherit";
      readonly name: string;
      /** A descriptor number, or a name in `LISTEN_FDNAMES`. */
      readonly descriptor: number | string;
    };

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
  readonly accept: "handoff" | "direct";
  readonly queue: number;
  readonly start: { readonly timeout: number };
  readonly stop: {
    readonly preDrain: number;
    readonly drain: number;
    readonly cancel: number;
    readonly kill: number;
  };
  readonly restart: { readonly [tier in "thread" | "process" | "service"]: RestartLimits };
}

/** A configuration, ready to run. */
export interface Deployment {
  readonly name: string;
  /** Absolute path of the file it came from; `undefined` if a program passed it. */
  readonly file: string | undefined;
  /** At least one, in the order of the file. */
  readonly services: readonly ServiceConfig[];
  /** The environment variables that changed it. */
  readonly overrides: readonly EnvironmentOverride[];
}
