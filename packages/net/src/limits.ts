// How many connections a listener takes, and what happens to the others.
import { type AcceptRate, checkRate, LocalRate, type RateLimit } from "./accept-rate.ts";
import { addressKey } from "./address-key.ts";
import type { ConnectionCounter } from "./counter.ts";
import type { MinReadRate } from "./options.ts";

/** Connections from one network at a time. */
export interface PerAddress {
  readonly max: number;
  /** Leading bits of an IPv4 address that make one network. Default 32: every address by itself. */
  readonly prefix4?: number | undefined;
  /** The same for IPv6. Default 64: what one customer usually has. */
  readonly prefix6?: number | undefined;
}

/** Limits of a listener. One that is left out does not apply. */
export interface Limits {
  /** Connections at a time. */
  readonly connections?: number | undefined;
  /** Counts the connections that came while it was set: naming the network of each costs a system call. */
  readonly perAddress?: PerAddress | undefined;
  /** New connections a second, with a burst that may come at once. Default burst: one second's worth. */
  readonly acceptRate?: RateLimit | undefined;
  readonly minReadRate?: MinReadRate | undefined;
  /**
   * What happens to a connection above a limit: `close` ends it in order, `reset` cuts it off and keeps nothing of it in
   * the kernel, `farewell` sends a last message first, and on a TLS listener none. Default "close". To leave connections in the kernel's queue
   * instead, don't accept them: see {@link ServiceHost.hasRoom}.
   */
  readonly overload?: "close" | "reset" | { readonly farewell: string | Uint8Array } | undefined;
}

/** Decides for one listener who comes in. */
export class Admission {
  #limits: Limits;
  readonly #name: string;
  readonly #counter: ConnectionCounter;
  readonly #rate: AcceptRate;
  #inside = 0;
  #waiting: (() => void)[] = [];

  constructor(name: string, limits: Limits, counter: ConnectionCounter, rate: AcceptRate = new LocalRate()) {
    check(limits);
    this.#name = name;
    this.#limits = limits;
    this.#counter = counter;
    this.#rate = rate;
  }

  /** May be replaced at any time; connections that are open stay. */
  get limits(): Limits {
    return this.#limits;
  }

  set limits(limits: Limits) {
    check(limits);
    this.#limits = limits;
    this.#wake();
  }

  get hasRoom(): boolean {
    const { connections } = this.limits;
    return connections === undefined || this.#inside < connections;
  }

  /** Resolves once {@link hasRoom}. */
  room(): Promise<void> {
    return this.hasRoom ? Promise.resolve() : new Promise((resume) => this.#waiting.push(resume));
  }

  /** Takes a connection in, if there is room and not too many came lately. What it returns true for has to {@link leave}. */
  enter(): boolean {
    const { connections, acceptRate } = this.limits;
    if (acceptRate && !this.#rate.allows(acceptRate)) return false;
    this.#inside++;
    // Count in any case: a limit may be set while this connection is open.
    if (this.#counter.add(this.#name) <= (connections ?? Number.POSITIVE_INFINITY)) return true;
    this.leave();
    return false;
  }

  /** Undoes {@link enter}. One function for all connections: a closure for each would be memory of every idle one. */
  readonly leave = (): void => {
    this.#inside--;
    this.#counter.remove(this.#name);
    this.#wake();
  };

  /**
   * Counts a connection for its network. Returns what undoes that, or `undefined` when the network has too many.
   */
  enterFrom(address: string): (() => void) | undefined {
    const { perAddress } = this.limits;
    if (perAddress === undefined || address === "") return nothing;
    const key = `${this.#name} ${addressKey(address, perAddress.prefix4 ?? 32, perAddress.prefix6 ?? 64)}`;
    const leave = () => this.#counter.remove(key);
    if (this.#counter.add(key) <= perAddress.max) return leave;
    leave();
    return undefined;
  }

  #wake(): void {
    if (this.#waiting.length > 0 && this.hasRoom) for (const resume of this.#waiting.splice(0)) resume();
  }
}

/** Here, and not with the first connection: what is thrown then is thrown at nobody. */
function check({ acceptRate }: Limits): void {
  if (acceptRate) checkRate(acceptRate);
}

function nothing(): void {}
