// The channel of one call, whose far end is handed on until it reaches the compute thread.
import { MessageChannel, type MessagePort, type Transferable } from "node:worker_threads";
import { OffloadCloneError } from "./errors.ts";
import type { TaskAddress } from "./task.ts";

export interface CallChannel {
  /** The caller's end. */
  readonly near: MessagePort;
  /** The arguments wait here, as they were when the call was made. */
  readonly far: MessagePort;
}

/** @throws {OffloadCloneError} when the arguments can't be cloned */
export function openCallChannel(
  task: TaskAddress,
  args: readonly unknown[],
  transfer: readonly Transferable[],
): CallChannel {
  const { port1: near, port2: far } = new MessageChannel();
  try {
    near.postMessage(args, [...transfer]);
  } catch (cause) {
    near.close();
    throw new OffloadCloneError("arguments", task, cause);
  }
  return { near, far };
}
