// Accepts connections on a process's main thread, and leaves in the kernel's queue what can't be served.
import type { Server } from "node:net";
import { acceptFrom, type Incoming } from "@plait/net";
import { Acceptor, listening, type NativeHandle } from "@plait/process";
import { mostConnections } from "./accept-gate.ts";
import { DescriptorGuard } from "./descriptor-guard.ts";
import type { ListenerSetup } from "./listener-setup.ts";

export interface ProcessAcceptorsOptions {
  readonly setups: readonly ListenerSetup[];
  /** Takes an accepted connection of the listener with that name; calls `onEnd` when it has ended, however. */
  readonly offer: (incoming: Incoming, listener: string, onEnd: () => void) => void;
  /** Called when an accept failed, or descriptors run short. */
  readonly onFailed: (reason: string) => void;
  /** One more duplicate of a listener's socket; see `BodyHooks`. */
  readonly duplicate: ((listener: number) => Promise<NativeHandle | undefined>) | undefined;
}

interface Door {
  readonly acceptor: Acceptor;
  /** Its place among the setups. */
  readonly index: number;
  /** How many connections it may have. */
  most: number;
  connections: number;
}

/** Accepts while there is room, no limit is met, nothing is suspended and descriptors are left. Owns what it was given until `close`. */
export class ProcessAcceptors {
  readonly #options: ProcessAcceptorsOptions;
  readonly #doors: Door[] = [];
  readonly #descriptors: DescriptorGuard;
  #setups: readonly ListenerSetup[];
  #isFull = false;

  constructor(options: ProcessAcceptorsOptions) {
    this.#options = options;
    this.#setups = options.setups;
    this.#descriptors = new DescriptorGuard({ onChange: () => this.#regulateAll(), onShort: options.onFailed });
  }

  /** Accepts from the socket of the listener with that index; owns the handle from now on. */
  async open(handle: NativeHandle, index: number, backlog: number): Promise<void> {
    const name = this.#setups[index]?.name ?? `listener ${index}`;
    const acceptor = await Acceptor.listen(handle, {
      backlog,
      attach: (server) =>
        acceptFrom(server, (incoming) => {
          door.connections++;
          acceptor.accepted();
          this.#descriptors.accepted();
          this.#regulate(door);
          this.#options.offer(incoming, name, () => {
            door.connections--;
            this.#regulate(door);
          });
        }),
      onError: ({ message }) => this.#options.onFailed(message),
      renew: this.#renewal(index, backlog),
    });
    const door: Door = { acceptor, index, most: mostConnections(this.#setups[index]), connections: 0 };
    this.#doors.push(door);
    this.#regulate(door);
  }

  /** Takes over listeners' limits, and whether they are suspended. */
  update(setups: readonly ListenerSetup[]): void {
    this.#setups = setups;
    for (const door of this.#doors) door.most = mostConnections(setups[door.index]);
    this.#regulateAll();
  }

  get isFull(): boolean {
    return this.#isFull;
  }

  /** Whether nobody could take a connection. */
  set isFull(isFull: boolean) {
    this.#isFull = isFull;
    this.#regulateAll();
  }

  close(): void {
    for (const { acceptor } of this.#doors.splice(0)) acceptor.close();
    this.#descriptors.close();
  }

  #regulateAll(): void {
    for (const door of this.#doors) this.#regulate(door);
  }

  #regulate({ acceptor, most, connections }: Door): void {
    if (this.#isFull || this.#descriptors.short || connections >= most) acceptor.pause();
    else acceptor.resume();
  }

  /** A unix socket that is paused comes back as another duplicate, and many arrivals are accepted from several. */
  #renewal(index: number, backlog: number): (() => Promise<Server | undefined>) | undefined {
    const { duplicate } = this.#options;
    if (!duplicate) return undefined;
    return async () => {
      const handle = await duplicate(index);
      return handle && listening(handle, backlog);
    };
  }
}
