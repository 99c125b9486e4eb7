// What crosses between a process's main thread and a serving thread: a Piscina task, and calls on the control port. Connections have a port of their own, see `connections/wire.ts`.
import type { MessagePort } from "node:worker_threads";
import type { TaskCounts, TaskInfo } from "@plait/coroutine";
import type { Unfinished } from "@plait/policy";
import type { GcTime } from "./gc-time.ts";
import type { ComputeLink } from "./offload/relay.ts";
import type { Rejection } from "./rejection.ts";
import type { ThrownData } from "./thrown.ts";
import type { Beat } from "./watchdog/beat.ts";

/** The one task of a thread (`start`): load the service; from then on answer calls on `port`, serve what comes on `connections`. */
export interface StartTask {
  readonly unit: string;
  readonly incarnation: number;
  readonly port: MessagePort;
  readonly connections: MessagePort;
  /** The way to the process's compute pool. */
  readonly compute: ComputeLink;
  readonly beat: Beat;
  readonly gc: GcTime;
  readonly rejection: Rejection;
  /** The way to the threads beside it. */
  readonly switchboard: MessagePort;
  /** Whatever the group was given as `data`. */
  readonly data: unknown;
  /** The way to its listening sockets, when it accepts connections itself. */
  readonly line?: MessagePort | undefined;
}

/** Errors come back as data: Piscina's own way keeps neither class nor code nor cause. */
export type StartResult = { readonly ok: true } | { readonly ok: false; readonly thrown: ThrownData };

/** What a thread's body answers. */
export interface ThreadControl {
  /** A stop is coming: no more is accepted, and protocols say goodbye. */
  drain(): void;
  /** What has not ended yet. Asked when the time to drain is over, before `cancel`. */
  unfinished(): Unfinished | undefined;
  /** Cancels every coroutine; settles when they have ended. */
  cancel(reason: string): Promise<void>;
  /** Runs the service's own `stop`. */
  stop(): Promise<void>;
}

/** What can be called on a thread's control port: what its body answers, and what every thread does. */
export interface ThreadMethods extends ThreadControl {
  /** Its coroutines, see `listTasks`. */
  tasks(locals: boolean): readonly TaskInfo[];
  /** Something that the group tells all its threads: plain data. */
  tell(message: unknown): void | Promise<void>;
  /** Settles when its body serves no connection. */
  idle(): void | Promise<void>;
  /** How many there are, by state. */
  counts(): TaskCounts;
  /** Answers calls of the service's methods on this port from now on. */
  connect(port: MessagePort): void;
}
