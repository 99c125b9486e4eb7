// What crosses when a thread is called by another: the table behind the port, and how a thread gets such a port.
import type { MessagePort } from "node:worker_threads";
import type { ChannelEnd } from "../channel/wire.ts";
import type { ErrorData, ThrownData } from "../thrown.ts";

/** What a thread answers on a port that calls come over. `call` is chosen by the caller, for `cancel`. */
export interface RemoteTable {
  call(call: number, method: string, args: readonly unknown[]): Promise<RemoteResult>;
  cancel(call: number, reason: string): void;
}

export type RemoteResult = { readonly value: unknown } | { readonly stream: ChannelEnd };

/** Serving thread to main thread. `ask` numbers the request. */
export type ToSwitchboard =
  | { readonly type: "connect"; readonly ask: number; readonly unit: string }
  | { readonly type: "units"; readonly ask: number }
  | { readonly type: "memory"; readonly ask: number; readonly name: string; readonly bytes: number };

/** Main thread to serving thread. `gone` comes for each `connect` that was answered, once that thread has ended. */
export type FromSwitchboard = { readonly ask: number } & (
  | { readonly port: MessagePort }
  | { readonly gone: ErrorData }
  | { readonly refused: ThrownData }
  | { readonly units: readonly string[] }
  | { readonly memory: SharedArrayBuffer }
);
