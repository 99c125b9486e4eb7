// The messages between the supervisor and a process. Each has a `plait` tag, so that a service may use the same
// channel for messages of its own.
import type { ErrorObject } from "serialize-error";

export type ToProcess =
  /** Load the service. `listeners` handles follow, one `listen` message each; the scoreboard has `places` numbers, and a beat every
   * `beatEvery` ms. */
  | {
      readonly plait: "start";
      readonly unit: string;
      readonly incarnation: number;
      readonly listeners: number;
      readonly places: number;
      readonly beatEvery: number;
      readonly body: unknown;
    }
  /** Carries a kernel duplicate of a listening socket. */
  | { readonly plait: "listen"; readonly listener: number; readonly backlog: number }
  /** Carries one more, asked for with `dup`; without a handle: the listener is closed. */
  | { readonly plait: "duplicate"; readonly request: number }
  | { readonly plait: "call"; readonly call: number; readonly method: string; readonly args: readonly unknown[] }
  /** Everything is drained: exit with code 0 now. */
  | { readonly plait: "exit" };

export type FromProcess =
  /** The service is loaded and every listener accepts. */
  | { readonly plait: "ready" }
  | { readonly plait: "failed"; readonly error: ErrorObject }
  /** Its threads were restarted too often: it ends itself. */
  | { readonly plait: "failing"; readonly reason: string }
  /** Asks for one more kernel duplicate of a listening socket. Only a handle that is sent is duplicated. */
  | { readonly plait: "dup"; readonly request: number; readonly listener: number }
  | { readonly plait: "reply"; readonly call: number; readonly value?: unknown; readonly error?: ErrorObject }
  | { readonly plait: "event"; readonly event: unknown };

/** The descriptor of the scoreboard in a process: next after the channel. */
export const SCOREBOARD = 5;

/** Whether a message on the channel is one of ours. */
export function isOurs(message: unknown): message is { plait: string } {
  return typeof message === "object" && message !== null && "plait" in message;
}

/** The environment variable that tells a process the supervisor's process id. */
export const SUPERVISOR = "PLAIT_SUPERVISOR_PID";
