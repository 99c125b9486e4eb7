// How the calls of a serving thread reach the compute pool of its process: over one port, whose far end is on the main
// thread. Only the calls' own ports pass here; arguments and answers go straight to the compute thread and back.
import { type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import type { Answered } from "../compute-main.ts";
import { type ErrorData, packError, unpackError } from "../thrown.ts";
import { openCallChannel } from "./call-channel.ts";
import { type Caller, type CallRequest, type Compute, Load, type RelayedCall, type Submission } from "./compute.ts";
import { OffloadCloneError, OffloadLostError } from "./errors.ts";
import type { TaskAddress } from "./task.ts";

/** Serving thread to main thread. */
type ToPool =
  | { readonly type: "call"; readonly id: number; readonly call: RelayedCall }
  | { readonly type: "cancel" | "forget"; readonly id: number };

/** Main thread to serving thread. */
interface ToThread {
  readonly id: number;
  readonly lost: ErrorData;
}

/** What a serving thread is given of the pool. */
export interface ComputeLink {
  readonly port: MessagePort;
  readonly load: Int32Array<SharedArrayBuffer>;
}

/** The main thread's end: submits what comes over the port. When the port closes, what is under way is cancelled. */
export function relayCalls(port: MessagePort, pool: Compute): void {
  const open = new Map<number, Submission>();
  port.on("message", (message: ToPool) => {
    const { id } = message;
    if (message.type === "call") {
      const submission = pool.submitRelayed(message.call, (error) => {
        open.delete(id);
        port.postMessage({ id, lost: packError(error) } satisfies ToThread);
      });
      open.set(id, submission);
      return;
    }
    if (message.type === "cancel") open.get(id)?.cancel();
    open.delete(id);
  });
  port.once("close", () => {
    for (const submission of open.values()) submission.cancel();
    open.clear();
  });
  port.unref();
}

/** The serving thread's end. */
export class RelayedCompute implements Compute {
  readonly load: Load;
  readonly #port: MessagePort;
  readonly #open = new Map<number, { readonly task: TaskAddress; readonly lost: (error: Error) => void }>();
  #last = 0;
  #closed = false;

  constructor({ port, load }: ComputeLink) {
    this.load = new Load(load);
    this.#port = port;
    port.on("message", ({ id, lost }: ToThread) => {
      const call = this.#open.get(id);
      this.#open.delete(id);
      call?.lost(unpackError(lost));
    });
    port.once("close", () => {
      this.#closed = true;
      for (const { task, lost } of this.#open.values()) lost(closed(task));
      this.#open.clear();
    });
    port.unref();
  }

  submit({ task, args, transfer, priority }: CallRequest, caller: Caller): Submission {
    const { near, far } = openCallChannel(task, args, transfer);
    const { cancel, forget } = this.#relay({ task, priority, port: far }, (error) => {
      // Look at the port first: the answer may have been posted just before the thread ended.
      const last = receiveMessageOnPort(near) as { readonly message: Answered } | undefined;
      near.close();
      if (last) caller.answered(last.message.answer);
      else caller.lost(error);
    });
    near.on("message", ({ answer }: Answered) => {
      near.close();
      forget();
      caller.answered(answer);
    });
    near.on("messageerror", (cause) => {
      near.close();
      cancel();
      caller.lost(new OffloadCloneError("result", task, cause));
    });
    return {
      cancel() {
        near.close();
        cancel();
      },
    };
  }

  submitRelayed(call: RelayedCall, lost: Caller["lost"]): Submission {
    return this.#relay(call, lost);
  }

  #relay(call: RelayedCall, lost: Caller["lost"]): Submission & { forget(): void } {
    const { task, port } = call;
    if (this.#closed) {
      port.close();
      queueMicrotask(() => lost(closed(task)));
      return { cancel: () => {}, forget: () => {} };
    }
    const id = ++this.#last;
    this.#open.set(id, { task, lost });
    this.#post({ type: "call", id, call }, [port]);
    const settle = (type: "cancel" | "forget") => {
      if (this.#open.delete(id)) this.#post({ type, id });
    };
    return { cancel: () => settle("cancel"), forget: () => settle("forget") };
  }

  #post(message: ToPool, transfer: MessagePort[] = []): void {
    this.#port.postMessage(message, transfer);
  }
}

function closed(task: TaskAddress): OffloadLostError {
  return new OffloadLostError(task, "this thread is being ended");
}
