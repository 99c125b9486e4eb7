// The listening sockets of one service, and how they follow a changed configuration.
import type { ListenerConfig } from "@plait/config";
import { ListeningSocket } from "@plait/process";

interface BoundListener {
  readonly name: string;
  readonly socket: ListeningSocket;
  readonly backlog: number;
  /** Two listeners with the same address share one socket. */
  readonly address: string;
}

/** Whoever made an inherited socket listens already; Node wants a number all the same. */
const INHERITED_BACKLOG = 511;

/** One set of sockets. Sets that follow each other share the sockets whose address stays. */
export class ServiceSockets {
  readonly bound: readonly BoundListener[];

  private constructor(bound: readonly BoundListener[]) {
    this.bound = bound;
  }

  /** @throws {BindError} when an address can't be bound; then none is */
  static bind(listen: readonly ListenerConfig[]): Promise<ServiceSockets> {
    return new ServiceSockets([]).rebind(listen);
  }

  get addresses(): readonly { readonly name: string; readonly address: string }[] {
    return this.bound.map(({ name, socket }) => ({ name, address: socket.address }));
  }

  /**
   * The sockets of another configuration: those whose address stays are these, the others are bound.
   *
   * @throws {BindError} when an address can't be bound; then nothing was changed
   */
  async rebind(listen: readonly ListenerConfig[]): Promise<ServiceSockets> {
    const bound: BoundListener[] = [];
    try {
      for (const listener of listen) {
        const { name } = listener;
        const address = addressOf(listener);
        const backlog = listener.kind === "inherit" ? INHERITED_BACKLOG : listener.backlog;
        const known = this.bound.find((each) => each.address === address);
        bound.push({ name, backlog, address, socket: known?.socket ?? (await ListeningSocket.bind(listener)) });
      }
    } catch (error) {
      new ServiceSockets(bound).closeExcept(this);
      throw error;
    }
    return new ServiceSockets(bound);
  }

  /** These and those of another set that these don't have. */
  and(others: ServiceSockets): ServiceSockets {
    return new ServiceSockets([...this.bound, ...others.#without(this)]);
  }

  /** Closes those that another set does not have. */
  closeExcept(kept: ServiceSockets): void {
    for (const { socket } of this.#without(kept)) socket.close();
  }

  close(): void {
    for (const { socket } of this.bound) socket.close();
  }

  #without(others: ServiceSockets): readonly BoundListener[] {
    return this.bound.filter(({ socket }) => !others.bound.some((other) => other.socket === socket));
  }
}

function addressOf(listener: ListenerConfig): string {
  // Port 0 is another port each time: only the listener's name says that it is the same.
  if (listener.kind === "tcp" && listener.port === 0) return JSON.stringify([listener.name, listener.host, 0]);
  if (listener.kind === "tcp") return JSON.stringify([listener.host, listener.port, listener.ipv6Only]);
  return listener.kind === "unix" ? listener.path : `inherit:${listener.descriptor}`;
}
