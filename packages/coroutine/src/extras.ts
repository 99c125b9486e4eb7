// What only some tasks need, kept apart so that the others stay small.
import type { Awaiter } from "./awaiter.ts";
import type { Deadline } from "./deadline.ts";
import type { Cancelled } from "./errors.ts";

export class Extras {
  /** Behind `task.signal`, once somebody asked for it. */
  controller: AbortController | undefined = undefined;
  /** Operations the task's async code awaits right now. */
  awaiters: Set<Awaiter> | undefined = undefined;
  /** Takes the task's listener off the signal that cancels it. */
  forgetSignal: (() => void) | undefined = undefined;
  deadline: Deadline | undefined = undefined;
  /** What it ends with instead of `cancelled`, and the cancel that this is about. */
  verdict: { readonly cancelled: Cancelled; readonly error: unknown } | undefined = undefined;
  /** Cancels a shielded task that outstays the grace of its scope. */
  grace: Deadline | undefined = undefined;
  /** How often `Cancelled` was thrown into the task. */
  deliveries = 0;
  /** Its scope is at its limit: waits there to be started. */
  held = false;
  /** Its waiters were told of its timeout before it had ended. */
  released = false;
  spawnedAt: string | undefined = undefined;
  cpuMs = 0;
}
