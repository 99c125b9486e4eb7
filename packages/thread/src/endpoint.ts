// Comlink over a MessagePort, made safe for threads that die: no call on it stays pending for ever.
//
// Comlink matches replies to calls by an id. When the port closes, which Node reports within a millisecond of the
// thread's end, every call that is still open is answered here with the error that says who died.

import type { MessagePort, Transferable } from "node:worker_threads";
import * as Comlink from "comlink";
import { ThreadCallCloneError } from "./errors.ts";
import { packThrown, type ThrownData, unpackThrown } from "./thrown.ts";

type Listener =
  | ((event: { readonly data: unknown }) => void)
  | { handleEvent(event: { readonly data: unknown }): void };

interface CallMessage {
  readonly id?: string;
  readonly type?: string;
  readonly path?: readonly string[];
}

/**
 * A Comlink endpoint for the calling side. `whenGone` makes the error that open calls get when the port closes; it may
 * have to find out first.
 */
export function callingEndpoint(port: MessagePort, whenGone: () => Error | Promise<Error>): Comlink.Endpoint {
  const open = new Set<string>();
  const listeners = new Set<Listener>();
  port.on("message", (data: CallMessage) => {
    if (data.id) open.delete(data.id);
    deliver(listeners, data);
  });
  let gone: Error | Promise<Error> | undefined;
  const answerOpenCalls = async () => {
    const error = await gone;
    for (const id of open) deliver(listeners, thrownReply(id, error));
    open.clear();
  };
  port.once("close", () => {
    gone = whenGone();
    void answerOpenCalls();
  });
  return {
    postMessage(message: CallMessage, transfer?: Transferable[]) {
      if (message.id) open.add(message.id);
      // Answered in a later turn: Comlink registers its listener only after this call returns.
      if (gone !== undefined) void answerOpenCalls();
      else {
        try {
          port.postMessage(message, transfer ?? []);
        } catch (cause) {
          open.delete(message.id ?? "");
          const refusal = new ThreadCallCloneError("arguments", cause);
          queueMicrotask(() => deliver(listeners, thrownReply(message.id, refusal)));
        }
      }
    },
    addEventListener: (_type: string, listener: Listener) => void listeners.add(listener),
    removeEventListener: (_type: string, listener: Listener) => void listeners.delete(listener),
    start: () => port.start(),
  };
}

/**
 * Exposes a table of functions on a port. Only its own enumerable functions can be called: Comlink itself would follow
 * any path that the caller names, up to `constructor.constructor`.
 */
export function exposeMethods(methods: object, port: MessagePort): void {
  const listeners = new Map<Listener, (data: CallMessage) => void>();
  Comlink.expose(methods, {
    postMessage(message: CallMessage, transfer?: Transferable[]) {
      try {
        port.postMessage(message, transfer ?? []);
      } catch (cause) {
        port.postMessage(thrownReply(message.id, new ThreadCallCloneError("result", cause)));
      }
    },
    addEventListener(_type: string, listener: Listener) {
      const onMessage = (data: CallMessage) => {
        if (isCall(data, methods)) return deliver([listener], data);
        const refusal = new TypeError(`"${(data.path ?? []).join(".")}" is not a method that can be called remotely`);
        port.postMessage(thrownReply(data.id, refusal));
      };
      listeners.set(listener, onMessage);
      port.on("message", onMessage);
    },
    removeEventListener(_type: string, listener: Listener) {
      const onMessage = listeners.get(listener);
      if (onMessage) port.off("message", onMessage);
      listeners.delete(listener);
    },
    start: () => port.start(),
  });
}

function deliver(listeners: Iterable<Listener>, data: unknown): void {
  const event = { data };
  for (const listener of listeners) {
    if (typeof listener === "function") listener(event);
    else listener.handleEvent(event);
  }
}

/** Not what else Comlink can do with a path: read it, set it, construct it. */
function isCall({ type, path }: CallMessage, methods: object): boolean {
  const [name = "", ...more] = path ?? [];
  if (type !== "APPLY" || more.length > 0 || !Object.prototype.propertyIsEnumerable.call(methods, name)) return false;
  return typeof Reflect.get(methods, name) === "function";
}

/** The reply to a call that throws; the handler below reads its value. */
function thrownReply(id: string | undefined, error: unknown): object {
  return { id, type: "HANDLER", name: "throw", value: packThrown(error) };
}

// Replace Comlink's handler for thrown values: its own drops class, code and cause.
const original = Comlink.transferHandlers.get("throw");
if (original) {
  Comlink.transferHandlers.set("throw", {
    canHandle: original.canHandle,
    serialize: (marked) => [packThrown((marked as { value: unknown }).value), []],
    deserialize: (data) => {
      throw unpackThrown(data as ThrownData);
    },
  });
}
