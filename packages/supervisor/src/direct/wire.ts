// What crosses between a process's main thread and a serving thread that accepts connections itself.
import type { Server } from "node:net";
import type { Loan } from "@plait/process/accept";

/** What such a thread is told when it starts: plain data. */
export interface AcceptingPlan {
  /** Where the threads of the process keep their books, and which of them is this incarnation's. */
  readonly books: SharedArrayBuffer;
  readonly place: number;
  /** Connections that it serves at once. */
  readonly coroutines: number;
  /** How many threads share the limits of listeners. */
  readonly threads: number;
  /** Whether connections are handed to it as well: then it says when it has room again. */
  readonly isHanded: boolean;
}

export type ToThread =
  /** One duplicate of a listener's socket, for this incarnation alone. Without one, the listener is closed. */
  | {
      readonly type: "socket";
      readonly listener: number;
      readonly server?: Server;
      readonly loan?: Loan;
      /** For the loan: listening again sets it anew. */
      readonly backlog?: number;
    }
  /** Accept no more. */
  | { readonly type: "close" };

export type FromThread =
  /** Asks for a duplicate; `returned` is the descriptor of the one before, which is closed. */
  | { readonly type: "wants"; readonly listener: number; readonly returned?: number | undefined }
  /** It has got one. */
  | { readonly type: "listens"; readonly listener: number }
  /** It was full and is not any more. */
  | { readonly type: "room" }
  | { readonly type: "failed"; readonly reason: string };
