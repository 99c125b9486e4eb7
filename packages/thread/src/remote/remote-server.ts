// The called side: runs a service's methods for whoever is at the other end of a port, each call as a task of its own.
import type { MessagePort } from "node:worker_threads";
import { spawnWith, type Task } from "@plait/coroutine";
import * as Comlink from "comlink";
import { channelEnds, openSender } from "../channel/index.ts";
import { closeEnds, giveEnds } from "../channel/opening.ts";
import type { ChannelEnd } from "../channel/wire.ts";
import { exposeMethods } from "../endpoint.ts";
import { UnknownMethodError } from "./errors.ts";
import type { RemoteResult, RemoteTable } from "./wire.ts";

/** Items of a stream that are under way to its caller, at the most. */
const STREAM_CAPACITY = 16;

/** Functions by name; only those that are the object's own and enumerable can be called. */
export type Methods = Readonly<Record<string, (...args: never[]) => unknown>>;

/**
 * Answers calls on a port. A call is a task: a caller that gives up, or is gone, cancels it. An async iterable that a
 * method returns is sent item by item, as fast as the caller takes them.
 *
 * It owns the port; the calls that are under way when it closes are cancelled.
 *
 * @param unit the id that errors name
 */
export function serveRemote(unit: string, methods: Methods, port: MessagePort): void {
  const tasks = new Map<number, Task>();
  const table: RemoteTable = {
    async call(call, name, args) {
      const method = methodOf(methods, name);
      if (method === undefined) {
        closeEnds(args);
        throw new UnknownMethodError(unit, name, namesOf(methods));
      }
      const task = spawnWith({ name: `${name}()` }, () => Reflect.apply(method, methods, args));
      tasks.set(call, task);
      try {
        return answer(name, await task);
      } finally {
        tasks.delete(call);
      }
    },
    cancel(call, reason) {
      tasks.get(call)?.cancel(reason);
    },
  };
  exposeMethods(table, port);
  port.once("close", () => {
    for (const task of tasks.values()) task.cancel("the caller is gone");
  });
  port.unref();
}

function methodOf(methods: Methods, name: string): ((...args: never[]) => unknown) | undefined {
  const isOwn = Object.prototype.propertyIsEnumerable.call(methods, name);
  const method = isOwn ? methods[name] : undefined;
  return typeof method === "function" ? method : undefined;
}

function namesOf(methods: Methods): readonly string[] {
  return Object.keys(methods).filter((name) => methodOf(methods, name) !== undefined);
}

function answer(name: string, value: unknown): RemoteResult {
  if (!isAsyncIterable(value)) return Comlink.transfer({ value }, giveEnds([value]));
  const stream = streamOf(name, value);
  return Comlink.transfer({ stream }, [stream.port]);
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}

function streamOf(name: string, items: AsyncIterable<unknown>): ChannelEnd {
  const { sender, receiver } = channelEnds({ capacity: STREAM_CAPACITY, name: `${name}()` });
  const to = openSender<unknown>(sender);
  const task = spawnWith({ name: `stream of ${name}()` }, async () => {
    try {
      for await (const item of items) await to.send(item);
      to.close();
    } catch (error) {
      // When the receiver left there is nobody to tell, and this changes nothing.
      to.close(error);
    }
  });
  sender.port.once("close", () => task.cancel("nobody receives the stream any more"));
  return receiver;
}
