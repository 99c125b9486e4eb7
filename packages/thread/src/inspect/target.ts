// A thread's inspector, spoken to from another thread or from the thread itself.
import type { Session } from "node:inspector";

/** The commands and events of the Chrome DevTools protocol, for one thread. */
export interface Target {
  ask(method: string, params?: object): Promise<unknown>;
  /** Calls `listener` with every event from now on. */
  onEvent(listener: (method: string, params: unknown) => void): void;
}

/** The thread that a session is connected to. */
export function targetOf(session: Session): Target {
  return {
    ask: (method, params = {}) =>
      new Promise((resolve, reject) => {
        session.post(method, params, (error, result) => (error === null ? resolve(result) : reject(error)));
      }),
    onEvent: (listener) => {
      session.on("inspectorNotification", ({ method, params }: { method: string; params: unknown }) =>
        listener(method, params),
      );
    },
  };
}

/** A worker, reached through a session on its process's main thread: the NodeWorker domain wraps every message. */
export function workerTarget(session: Session, sessionId: string): Target {
  let lastId = 0;
  const open = new Map<number, (result: unknown) => void>();
  let heard: (method: string, params: unknown) => void = () => {};
  session.on("NodeWorker.receivedMessageFromWorker", ({ params }) => {
    if (params.sessionId !== sessionId) return;
    const { id, method, params: event, result } = JSON.parse(params.message) as FromWorker;
    if (id !== undefined) {
      open.get(id)?.(result);
      open.delete(id);
    } else if (method !== undefined) {
      heard(method, event);
    }
  });
  return {
    ask: (method, params = {}) =>
      new Promise((resolve) => {
        const id = ++lastId;
        open.set(id, resolve);
        session.post("NodeWorker.sendMessageToWorker", { sessionId, message: JSON.stringify({ id, method, params }) });
      }),
    onEvent: (listener) => {
      heard = listener;
    },
  };
}

interface FromWorker {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
}
