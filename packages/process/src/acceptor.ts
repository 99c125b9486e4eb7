// Accepts connections from a shared listening socket, and can leave them in the kernel's queue instead.
import { createServer, type Server } from "node:net";
import { MessageChannel, type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import { ExtraServers } from "./extra-servers.ts";
import { isTcp, listenOn, type NativeHandle } from "./native-handle.ts";

export interface AcceptorOptions {
  /**
   * Takes the connections of a server that listens: of its "connection" event, where they come paused, or in another way.
   * Called again with the server that follows a pause.
   */
  readonly attach: (server: Server) => void;
  /** Called when an accept failed, for example because the process is out of descriptors. */
  readonly onError: (error: Error) => void;
  /**
   * Makes another server of one more duplicate of the socket; undefined when the socket is closed. A unix socket needs it
   * to be paused, a TCP socket to accept several connections a turn of the event loop.
   */
  readonly renew?: (() => Promise<Server | undefined>) | undefined;
}

/** What is left of a server that does not accept, and how it comes back. */
type Pause =
  | { readonly kind: "parked"; readonly sender: MessagePort; readonly receiver: MessagePort }
  | { readonly kind: "closed" };

/**
 * A server that does not listen yet: its connections come paused, and a side that has ended may still be written to.
 */
export function acceptingServer(): Server {
  return createServer({ pauseOnConnect: true, allowHalfOpen: true });
}

/**
 * A server that listens on a handle, which it owns from now on. Rejects with the system's error when it can't.
 *
 * @param backlog length of the kernel's queue of connections that nobody has accepted yet
 */
export async function listening(handle: NativeHandle, backlog: number): Promise<Server> {
  const server = acceptingServer();
  await new Promise<void>((resolve, reject) => {
    server.once("listening", resolve);
    server.once("error", reject);
    listenOn(server, handle, backlog);
  });
  server.removeAllListeners("error");
  return server;
}

/**
 * Accepts for one process, or for one thread. `pause()` stops accepting without giving the socket up: connections wait in
 * the kernel's queue and none is refused; `resume()` goes on with them.
 *
 * Node has no such switch. A TCP server can be transferred between threads, though, and while it is under way its socket
 * listens and nobody accepts: so a paused server is parked in a message channel that nobody reads. A unix server can't be
 * transferred: it is closed, which closes one duplicate of the socket, and another duplicate takes its place.
 *
 * It owns the server until `close()`.
 */
export class Acceptor {
  #server: Server | undefined;
  #pause: Pause | undefined;
  readonly #options: AcceptorOptions;
  readonly #isTcp: boolean;
  readonly #extra: ExtraServers | undefined;
  #renewing = false;
  #closed = false;

  /** @param server it listens, and nobody else accepts from it; see {@link acceptingServer} */
  constructor(server: Server, tcp: boolean, options: AcceptorOptions) {
    this.#isTcp = tcp;
    this.#options = options;
    const { renew, attach, onError } = options;
    if (tcp && renew) this.#extra = new ExtraServers({ renew, attach, onError });
    this.#take(server);
  }

  /** Starts to accept; resolves when the socket listens. Rejects with the system's error when it can't. */
  static async listen(
    handle: NativeHandle,
    options: AcceptorOptions & {
      /** Length of the kernel's queue of connections that nobody has accepted yet. Default 511. */
      readonly backlog?: number;
    },
  ): Promise<Acceptor> {
    return new Acceptor(await listening(handle, options.backlog ?? 511), isTcp(handle), options);
  }

  get paused(): boolean {
    return this.#pause !== undefined;
  }

  /** How many servers accept. */
  get servers(): number {
    return (this.#server ? 1 : 0) + (this.#extra?.count ?? 0);
  }

  /** Call it for every connection: while many arrive at once, it accepts several a turn; see {@link ExtraServers}. */
  accepted(): void {
    this.#extra?.accepted();
  }

  /**
   * Leaves further connections in the kernel's queue. Idempotent. A unix socket that can't be renewed goes on accepting.
   */
  pause(): void {
    if (this.#closed || this.#pause || (!this.#isTcp && !this.#options.renew)) return;
    this.#extra?.close();
    const server = this.#server;
    this.#server = undefined;
    if (this.#isTcp) {
      const { port1: sender, port2: receiver } = new MessageChannel();
      sender.postMessage(server, [server as unknown as MessagePort]);
      this.#pause = { kind: "parked", sender, receiver };
    } else {
      server?.close();
      this.#pause = { kind: "closed" };
    }
  }

  /** Accepts again, beginning with what waits in the kernel's queue; of a unix socket in a moment. Idempotent. */
  resume(): void {
    const pause = this.#pause;
    if (!pause || this.#closed) return;
    this.#pause = undefined;
    if (pause.kind === "parked") this.#take(unparked(pause));
    else void this.#renew();
  }

  /** Stops accepting for good. Connections that were accepted go on. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#extra?.close();
    const server = this.#pause?.kind === "parked" ? unparked(this.#pause) : this.#server;
    server?.close();
    this.#server = undefined;
  }

  #take(server: Server): void {
    this.#server = server;
    this.#options.attach(server);
    server.on("error", this.#options.onError);
  }

  async #renew(): Promise<void> {
    if (this.#renewing) return;
    this.#renewing = true;
    try {
      const server = await this.#options.renew?.();
      if (server && !this.#closed && !this.#pause) this.#take(server);
      else server?.close();
    } catch (error) {
      this.#options.onError(error as Error);
    } finally {
      this.#renewing = false;
    }
  }
}

function unparked({ sender, receiver }: Pause & { kind: "parked" }): Server {
  const { message } = receiveMessageOnPort(receiver) as { message: Server };
  sender.close();
  return message;
}
