// The first module of every compute thread.
import { type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import { type Answer, type CallRequest, type Compute, Load, type Submission } from "./offload/compute.ts";
import { OffloadCloneError, UnknownTaskError } from "./offload/errors.ts";
import { setCompute } from "./offload/home.ts";
import { type ComputeTask, isTask, type TaskAddress } from "./offload/task.ts";
import { packThrown } from "./thrown.ts";

/** A call that has reached its thread: its arguments wait on the port. */
export interface ComputeCall {
  readonly task: TaskAddress;
  readonly port: MessagePort;
}

/** Runs one call and posts its answer. Never rejects. */
export async function compute({ task: address, port }: ComputeCall): Promise<void> {
  try {
    const received = receiveMessageOnPort(port) as { readonly message: readonly unknown[] } | undefined;
    // Without arguments the caller has gone already.
    if (received === undefined) return;
    const task = await find(address);
    const value = await task.run(...received.message);
    const answer: Answer = { ok: true, value };
    try {
      port.postMessage(answer, [...(task.transfer?.(value) ?? [])]);
    } catch (cause) {
      throw new OffloadCloneError("result", address, cause);
    }
  } catch (thrown) {
    port.postMessage({ ok: false, thrown: packThrown(thrown) } satisfies Answer);
  } finally {
    port.close();
  }
}

/** Tasks that this thread has run. An import that has been done before takes as long as a small task. */
const found = new Map<string, ComputeTask<readonly unknown[], unknown>>();

async function find(address: TaskAddress): Promise<ComputeTask<readonly unknown[], unknown>> {
  const place = `${address.module} ${address.name}`;
  const known = found.get(place);
  if (known) return known;
  const exports = (await import(address.module)) as Record<string, unknown>;
  const task = exports[address.name];
  if (!isTask(task)) throw new UnknownTaskError(address);
  found.set(place, task);
  return task;
}

/** A task that offloads is off the serving threads already: what it offloads runs in place, so no pool waits for itself. */
class InPlace implements Compute {
  readonly load = Load.of(1, 0);

  submit({ task }: CallRequest, port: MessagePort): Submission {
    void compute({ task, port });
    return { cancel: () => {}, forget: () => {} };
  }
}

setCompute(new InPlace());
