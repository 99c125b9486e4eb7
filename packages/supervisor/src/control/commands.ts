// What each command of the control socket takes and gives.
import type { Deployment } from "@plait/config";
import type { Death } from "../death-record.ts";
import type { ServiceDump } from "../dump.ts";
import type { LogPage, LogQuery } from "../logs/log-query.ts";
import type { Plan } from "../plan.ts";
import type { SupervisorStatus } from "../status.ts";

/** By name. */
export interface ControlCommands {
  status: { params: Record<string, never>; result: SupervisorStatus };
  /** What it runs, every default filled in; passphrases are hidden. */
  configuration: { params: Record<string, never>; result: Deployment };
  /** What a reload would touch, by the file and flags that it was started with. */
  plan: { params: Record<string, never>; result: Plan };
  /** How units ended, the latest first; of one unit, or of all. */
  why: { params: { readonly unit?: string }; result: { readonly deaths: readonly Death[] } };
  /** A page of what the units wrote and of what happened to them; `wait`, in ms, holds an empty one back. */
  logs: { params: LogQuery & { readonly wait?: number }; result: LogPage & { readonly ended: boolean } };
  /** Calls a method of a service in a unit; `timeout` in ms. */
  call: {
    params: {
      readonly unit: string;
      readonly method: string;
      readonly args?: readonly unknown[];
      readonly timeout?: number;
    };
    result: { readonly result: unknown };
  };
  /** Answers when the log file is open anew. */
  "reopen-logs": { params: Record<string, never>; result: Record<string, never> };
  /** What every unit is doing, or one of them; `locals` adds the coroutines' variables. */
  dump: {
    params: { readonly unit?: string; readonly locals?: boolean };
    result: { readonly services: readonly ServiceDump[] };
  };
  /** Answers when a unit's CPU profile of so many ms is in the file, an absolute path where nothing is yet. */
  profile: {
    params: { readonly unit: string; readonly file: string; readonly ms: number };
    result: Record<string, never>;
  };
  /** Answers when a unit's heap snapshot is in the file. */
  heap: { params: { readonly unit: string; readonly file: string }; result: Record<string, never> };
  /**
   * Answers when every old process is gone, or with why it failed; with the services that took over a change and whose
   * processes were not replaced.
   */
  reload: { params: Record<string, never>; result: { readonly adjusted: readonly string[] } };
  /** Answers when every unit uses the certificates that the files hold now, or with what is wrong with one. */
  "reload-certificates": { params: Record<string, never>; result: Record<string, never> };
  /** Answers with when what it went back to was read, and with the module of each service. */
  rollback: { params: Record<string, never>; result: { at: number; entries: Readonly<Record<string, string>> } };
  /** Answers when the old processes are gone. `unit`: a process or a service; left out: all. */
  restart: { params: { unit?: string }; result: Record<string, never> };
  /** Answers when the added processes serve and the others are gone. */
  scale: { params: { readonly processes: number; readonly service?: string }; result: Record<string, never> };
  /** The same for the threads of each process of a service. */
  "scale-threads": {
    params: { readonly threads: number; readonly service?: string };
    result: Record<string, never>;
  };
  /** Answers when every process leaves new connections of the listener, or of all, in the kernel's queue. */
  suspend: { params: ListenersParams; result: Record<string, never> };
  /** Answers when every process accepts them again. */
  resume: { params: ListenersParams; result: Record<string, never> };
  /** Answers when everything has ended. `hurry` gives up what is in flight. */
  stop: { params: { readonly hurry?: boolean }; result: Record<string, never> };
}

/** A service, the only one if left out, and one of its listeners, or all. */
interface ListenersParams {
  readonly service?: string;
  readonly listener?: string;
}

/** What a command gives, as its name says. */
export type ControlResult<C extends keyof ControlCommands> = ControlCommands[C]["result"];
