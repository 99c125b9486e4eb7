// An accepted connection on its way in: its descriptor, and a net.Socket around it only for who needs one.
import { type Server, Socket } from "node:net";
import { acceptHandles, type Handle, socketOver, type Taken, takeHandle } from "./node-socket.ts";
import { type Peer, remotePeer } from "./peer.ts";

/**
 * A connection that nobody has read from. A coroutine is served with the descriptor alone: a net.Socket, made only to be
 * taken apart, is a third of what accepting costs, and what is left of it stays until the next collection of the whole heap.
 *
 * It owns the descriptor until {@link take} or the first access to {@link socket}.
 */
export class Incoming {
  readonly #handle: Handle | undefined;
  #socket: Socket | undefined;

  constructor(from: Handle | Socket) {
    if (from instanceof Socket) this.#socket = from;
    else this.#handle = from;
  }

  /** Paused, and open on this side when the peer has ended. Made on first access; it owns the descriptor then. */
  get socket(): Socket {
    this.#socket ??= socketOver(this.#handle as Handle);
    return this.#socket;
  }

  /** The same, `undefined` while nobody has needed it. */
  get made(): Socket | undefined {
    return this.#socket;
  }

  get remote(): Peer {
    return remotePeer(this.#socket ?? (this.#handle as Handle));
  }

  /** The descriptor, `undefined` when it is gone. */
  take(): Taken | undefined {
    if (this.#socket !== undefined) return takeHandle(this.#socket);
    return { handle: this.#handle as Handle, alreadyRead: undefined };
  }

  setNoDelay(noDelay: boolean): void {
    if (this.#socket !== undefined) this.#socket.setNoDelay(noDelay);
    else this.#handle?.setNoDelay?.(noDelay);
  }

  /** @param ms Until the first probe; whole seconds. */
  setKeepAlive(enable: boolean, ms: number): void {
    if (this.#socket !== undefined) this.#socket.setKeepAlive(enable, ms);
    else this.#handle?.setKeepAlive?.(enable, ms / 1000);
  }
}

/**
 * Has a server that listens give its connections to a function, in place of its "connection" event and without counting
 * them: `server.close()` then waits for none.
 *
 * @example
 * const server = net.createServer().listen(8080, () => acceptFrom(server, (incoming) => host.serve(incoming)));
 */
export function acceptFrom(server: Server, accepted: (incoming: Incoming) => void): void {
  acceptHandles(server, (handle) => accepted(new Incoming(handle)));
}
