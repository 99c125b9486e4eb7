// The side of the thread tier that runs inside a serving thread.
import type { MessagePort } from "node:worker_threads";
import { countTasks } from "@plait/coroutine";
import { type Serve, serveConnections } from "./connections/serve-connections.ts";
import { exposeMethods } from "./endpoint.ts";
import { addUpGc } from "./gc-time.ts";
import { tellRunning } from "./inspect/running-task.ts";
import { listTasks } from "./inspect/task-list.ts";
import { setCompute } from "./offload/home.ts";
import { RelayedCompute } from "./offload/relay.ts";
import { writePromptly } from "./prompt-output.ts";
import { noteUncaught } from "./rejection.ts";
import { setRemoteUnits } from "./remote/remote.ts";
import { type Methods, serveRemote } from "./remote/remote-server.ts";
import { RemoteUnits } from "./remote/remote-units.ts";
import { SwitchboardClient } from "./remote/switchboard.ts";
import { packThrown } from "./thrown.ts";
import { keepBeating } from "./watchdog/beat.ts";
import type { StartResult, StartTask, ThreadControl, ThreadMethods } from "./wire.ts";

/** What a thread is told when it starts. */
export interface ThreadStart {
  /** The unit's id, for example `"p2.t1"`. */
  readonly unit: string;
  readonly incarnation: number;
  /** Whatever the group was given as `data`: plain data. */
  readonly data: unknown;
  /** The way to its listening sockets, when it accepts connections itself. */
  readonly line: MessagePort | undefined;
}

/** What runs in a serving thread. */
export interface ThreadBody {
  readonly serve: Serve;
  readonly control: ThreadControl;
  /** Settles when no connection is being served. Needed of a thread that accepts connections itself. */
  idle?(): Promise<void>;
  /** Takes note of what the group tells its threads while they serve: plain data. Default: does nothing. */
  tell?(message: unknown): void | Promise<void>;
  /** What other units may call. Default: nothing. */
  readonly methods?: Methods | undefined;
}

/** The Piscina task that a thread's module exports by this name. */
export interface ThreadTasks {
  start(task: StartTask): Promise<StartResult>;
}

/**
 * Makes the exports of a thread group's module.
 *
 * @param load loads what the thread serves; when it rejects, the group is told the error and its cause
 * @example
 * ```ts
 * export const { start } = enterThread(async ({ unit }) => openBody(unit));
 * ```
 */
export function enterThread(load: (start: ThreadStart) => Promise<ThreadBody>): ThreadTasks {
  return {
    async start({ unit, incarnation, port, connections, compute, beat, gc, rejection, switchboard, data, line }) {
      try {
        setCompute(new RelayedCompute(compute));
        setRemoteUnits(new RemoteUnits(new SwitchboardClient(switchboard)));
        tellRunning();
        writePromptly();
        noteUncaught(rejection);
        keepBeating(beat);
        addUpGc(gc);
        const body = await load({ unit, incarnation, data, line });
        const { control, methods = {} } = body;
        const table: ThreadMethods = {
          ...control,
          tasks: listTasks,
          counts: countTasks,
          idle: () => body.idle?.(),
          tell: (message) => body.tell?.(message),
          connect: (caller) => serveRemote(unit, methods, caller),
        };
        exposeMethods(table, port);
        serveConnections(connections, body.serve);
        return { ok: true };
      } catch (error) {
        return { ok: false, thrown: packThrown(error) };
      }
    },
  };
}
