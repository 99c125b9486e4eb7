// Comlink over a MessagePort, made safe for threads that die: no call on it stays pending for ever.
//
// Comlink matches replies to calls by an id. When the port closes, which Node reports within a millisecond of the
// thread's end, every call that is still open is answered here with the error that says who died.

import type { MessagePort, Transferable } from "node:worker_threads";
import * as Comlink from "comlink";
import { deserializeError, serializeError } from "serialize-error";

type Listener =
  | ((event: { readonly data: unknown }) => void)
  | { handleEvent(event: { readonly data: unknown }): void };

interface CallMessage {
  readonly id?: string;
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
    for (const id of open) deliver(listeners, { id, type: "HANDLER", name: "throw", value: thrown(error) });
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
      else port.postMessage(message, transfer ?? []);
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
    postMessage: (message: unknown, transfer?: Transferable[]) => port.postMessage(message, transfer ?? []),
    addEventListener(_type: string, listener: Listener) {
      const onMessage = (data: CallMessage) => {
        const [name = ""] = data.path ?? [];
        if (data.path?.length === 1 && Object.prototype.propertyIsEnumerable.call(methods, name)) {
          deliver([listener], data);
        } else {
          const refusal = new TypeError(`"${(data.path ?? []).join(".")}" is not a method that can be called remotely`);
          port.postMessage({ id: data.id, type: "HANDLER", name: "throw", value: thrown(refusal) });
        }
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

/** The wire form of a thrown error; the handler below reads it. */
function thrown(error: unknown): object {
  return { isError: true, value: serializeError(error) };
}

// Replace Comlink's handler for thrown values: its own drops class, code and cause.
const original = Comlink.transferHandlers.get("throw");
if (original) {
  Comlink.transferHandlers.set("throw", {
    canHandle: original.canHandle,
    serialize: (marked) => [thrown((marked as { value: unknown }).value), []],
    deserialize: (wire) => {
      throw deserializeError((wire as { value: unknown }).value);
    },
  });
}
