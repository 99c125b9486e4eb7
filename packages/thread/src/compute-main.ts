// The first module of every compute thread.
import {
  MessageChannel,
  MessagePort,
  parentPort,
  receiveMessageOnPort,
  type Transferable,
  threadId,
} from "node:worker_threads";
import { openCallChannel } from "./offload/call-channel.ts";
import {
  type Answer,
  type Caller,
  type CallRequest,
  type Compute,
  Load,
  type RelayedCall,
  type Submission,
} from "./offload/compute.ts";
import { OffloadCloneError, TaskLoadError, UnknownTaskError } from "./offload/errors.ts";
import { setCompute } from "./offload/home.ts";
import { type ComputeTask, isTask, type TaskAddress } from "./offload/task.ts";
import { packThrown } from "./thrown.ts";

/** A call that has reached its thread. */
export interface ComputeCall {
  readonly id: number;
  readonly task: TaskAddress;
  /** The arguments, or where they wait. */
  readonly args: readonly unknown[] | MessagePort;
  /** Its caller is in another thread than the pool, and waits at the other end of the port for the answer. */
  readonly relayed: boolean;
}

/** Posted once, before the first call: where the pool finds the answers to calls that are not relayed. */
export interface AnswersPort {
  readonly thread: number;
  readonly answers: MessagePort;
}

/** What a compute thread posts for a call. */
export interface Answered {
  readonly id: number;
  readonly answer: Answer;
}

// Post answers here and not as Piscina's result: that can't be looked for any more when the thread has ended, and one
// that can't be cloned ends the thread.
const { port1: answers, port2: collected } = new MessageChannel();
parentPort?.postMessage({ thread: threadId, answers: collected } satisfies AnswersPort, [collected]);

/** Runs one call and posts its answer. Never rejects; resolves with the thread that has run it. */
export async function compute({ id, task, args, relayed }: ComputeCall): Promise<number> {
  const port = args instanceof MessagePort ? args : undefined;
  const back = relayed && port ? port : answers;
  const received = () => (args instanceof MessagePort ? (receiveMessageOnPort(args) as Received) : { message: args });
  await answer(task, received, (answer, transfer) => {
    back.postMessage({ id, answer } satisfies Answered, [...transfer]);
  });
  port?.close();
  return threadId;
}

type Received = { readonly message: readonly unknown[] } | undefined;

async function answer(
  address: TaskAddress,
  receive: () => Received,
  post: (answer: Answer, transfer: readonly Transferable[]) => void,
): Promise<void> {
  try {
    const received = receive();
    // Without arguments the caller has gone already.
    if (received === undefined) return;
    const task = await find(address);
    const value = await task.run(...received.message);
    try {
      post({ ok: true, value }, task.transfer?.(value) ?? []);
    } catch (cause) {
      throw new OffloadCloneError("result", address, cause);
    }
  } catch (thrown) {
    post({ ok: false, thrown: packThrown(thrown) }, []);
  }
}

/** Tasks that this thread has run. An import that has been done before takes as long as a small task. */
const found = new Map<string, ComputeTask<readonly unknown[], unknown>>();

async function find(address: TaskAddress): Promise<ComputeTask<readonly unknown[], unknown>> {
  const place = `${address.module} ${address.name}`;
  const known = found.get(place);
  if (known) return known;
  const exports: Record<string, unknown> = await import(address.module).catch((cause: unknown) => {
    throw new TaskLoadError(address, cause);
  });
  const task = exports[address.name];
  if (!isTask(task)) throw new UnknownTaskError(address);
  found.set(place, task);
  return task;
}

/** A task that offloads is off the serving threads already: what it offloads runs in place, so no pool waits for itself. */
class InPlace implements Compute {
  readonly load = Load.of(1, 0);

  submit({ task, args, transfer }: CallRequest, caller: Caller): Submission {
    const { near, far } = openCallChannel(task, args, transfer);
    const received = receiveMessageOnPort(far) as Received;
    near.close();
    void answer(
      task,
      () => received,
      (answer, transfer) => caller.answered(structuredClone(answer, { transfer: [...transfer] })),
    );
    return { cancel: () => {} };
  }

  submitRelayed({ task, port }: RelayedCall): Submission {
    void compute({ id: 0, task, args: port, relayed: true });
    return { cancel: () => {} };
  }
}

setCompute(new InPlace());
