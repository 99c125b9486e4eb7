// Turns away a connection that is one too many.
import type { Socket } from "node:net";
import type { Limits } from "./limits.ts";

/** Milliseconds the peer gets to take the farewell, if there is one, and to end its side. */
const LEAVE_MS = 1000;

/** Ends a socket the way the listener chose; `gone` is called when its descriptor is. */
export function refuse(socket: Socket, overload: Limits["overload"], gone: () => void): void {
  if (socket.destroyed) {
    gone();
    return;
  }
  socket.on("error", () => {});
  socket.once("close", gone);
  if (overload === "reset") {
    socket.resetAndDestroy();
    return;
  }
  const timer = setTimeout(() => socket.destroy(), LEAVE_MS);
  socket.once("close", () => clearTimeout(timer));
  // Read what the peer sends meanwhile: unread bytes would turn the close into a reset and take the farewell along.
  socket.resume();
  socket.end(typeof overload === "object" ? overload.farewell : "");
  socket.once("end", () => socket.destroySoon());
}
