// The thread's side of its connections: serves what comes on their port, and tells how each has ended.
import type { Socket } from "node:net";
import type { MessagePort } from "node:worker_threads";
import type { HandedConnection } from "./wire.ts";

/** Serves one connection, which is paused; calls `ended` with its outcome, once, when it has ended. */
export type Serve = (
  socket: Socket,
  listener: string,
  acceptedAt: number | undefined,
  ended: (outcome: string) => void,
) => void;

/** Serves what comes on `port` from now on, what waits there first. All that end in one turn are told in one message. */
export function serveConnections(port: MessagePort, serve: Serve): void {
  let ended: (number | string)[] = [];
  const tell = () => {
    if (ended.length === 0) return;
    port.postMessage(ended);
    ended = [];
  };
  port.on("message", ([id, listener, acceptedAt, socket]: HandedConnection) => {
    serve(socket, listener, acceptedAt, (outcome) => {
      if (ended.length === 0) setImmediate(tell);
      ended.push(id, outcome);
    });
  });
  // A thread that exits tells what it knows: nobody is counted as lost whose connection had ended.
  process.once("exit", tell);
}
