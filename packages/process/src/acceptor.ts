// Accepts connections from a shared listening socket, and can leave them in the kernel's queue instead.
import { createServer, type Server, type Socket } from "node:net";
import { MessageChannel, type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import { isTcp, listenOn, type NativeHandle } from "./native-handle.ts";

export interface AcceptorOptions {
  /** Length of the kernel's queue of connections that nobody has accepted yet. Default 511. */
  readonly backlog?: number;
  /** Send small packets at once. Default true. */
  readonly noDelay?: boolean;
  /** Called with each accepted connection, which is paused: nothing of it has been read. */
  readonly onConnection: (socket: Socket) => void;
  /** Called when an accept failed, for example because the process is out of descriptors. */
  readonly onError: (error: Error) => void;
}

/**
 * Accepts for one process. `pause()` stops accepting without closing the socket: connections wait in the kernel's queue
 * and none is refused; `resume()` goes on with them.
 *
 * Node has no such switch. A `net.Server` can be transferred between threads, though, and while it is under way its
 * socket listens and nobody accepts: so a paused server is parked in a message channel that nobody reads.
 *
 * It owns the handle it was given until `close()`.
 */
export class Acceptor {
  #server: Server;
  #parked: { sender: MessagePort; receiver: MessagePort } | undefined;
  readonly #options: AcceptorOptions;
  readonly #pausable: boolean;
  #closed = false;

  private constructor(server: Server, pausable: boolean, options: AcceptorOptions) {
    this.#server = server;
    this.#pausable = pausable;
    this.#options = options;
  }

  /** Starts to accept; resolves when the socket listens. Rejects with the system's error when it can't. */
  static async listen(handle: NativeHandle, options: AcceptorOptions): Promise<Acceptor> {
    const server = createServer({ pauseOnConnect: true, allowHalfOpen: true, noDelay: options.noDelay ?? true });
    await new Promise<void>((resolve, reject) => {
      server.once("listening", resolve);
      server.once("error", reject);
      listenOn(server, handle, options.backlog ?? 511);
    });
    server.removeAllListeners("error");
    const acceptor = new Acceptor(server, isTcp(handle), options);
    acceptor.#attach();
    return acceptor;
  }

  get paused(): boolean {
    return this.#parked !== undefined;
  }

  /**
   * Leaves further connections in the kernel's queue. Idempotent. A unix socket can't be parked: it goes on accepting,
   * and its connections wait in the process.
   */
  pause(): void {
    if (!this.#pausable || this.#closed || this.#parked) return;
    const { port1: sender, port2: receiver } = new MessageChannel();
    sender.postMessage(this.#server, [this.#server as unknown as MessagePort]);
    this.#parked = { sender, receiver };
  }

  /** Accepts again, beginning with what waits in the kernel's queue. Idempotent. */
  resume(): void {
    if (!this.#parked) return;
    this.#server = this.#unpark(this.#parked);
    this.#attach();
  }

  /** Stops accepting for good. Connections that were accepted go on. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#parked) this.#server = this.#unpark(this.#parked);
    this.#server.close();
  }

  #attach(): void {
    this.#server.on("connection", this.#options.onConnection);
    this.#server.on("error", this.#options.onError);
  }

  #unpark({ sender, receiver }: { sender: MessagePort; receiver: MessagePort }): Server {
    const { message } = receiveMessageOnPort(receiver) as { message: Server };
    sender.close();
    this.#parked = undefined;
    return message;
  }
}
