// The WebSockets of a hosted HTTP server, so that they can be told to close whatever library serves them.
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";

/** A complete close frame with code 1001, "going away" (RFC 6455, 5.5.1 and 7.4.1). A server's frames are not masked. */
const GOING_AWAY = Buffer.from([0x88, 0x02, 0x03, 0xe9]);

/** Milliseconds until a handshake that was under way is looked at again. Nothing reports its end, whatever library it is. */
const AGAIN_MS = 50;

export class WebSockets {
  /** Open ones, with the bytes written when the upgrade was asked for. */
  readonly #open = new Map<Socket, number>();

  #again: NodeJS.Timeout | undefined;

  /** Notes a connection that asks to be upgraded, if it is to a WebSocket. */
  add(request: IncomingMessage, socket: Socket): void {
    if (request.headers.upgrade?.toLowerCase() !== "websocket") return;
    this.#open.set(socket, socket.bytesWritten);
    socket.once("close", () => this.#open.delete(socket));
  }

  /**
   * Sends a close frame on each, and on each whose handshake is under way once it is over. Control frames may stand between any two frames, and libraries write whole frames; the
   * client answers with its own close frame, on which the library ends the connection.
   */
  goAway(): void {
    clearTimeout(this.#again);
    let handshakes = 0;
    for (const [socket, before] of this.#open) {
      if (!socket.writable) continue;
      // Before the handshake is answered a frame would be taken for a broken answer.
      if (socket.bytesWritten === before) {
        handshakes++;
        continue;
      }
      socket.write(GOING_AWAY);
      this.#open.delete(socket);
    }
    if (handshakes > 0) this.#again = setTimeout(() => this.goAway(), AGAIN_MS);
  }
}
