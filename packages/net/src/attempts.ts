// Opens a TCP connection to a name: its addresses are tried a little apart, and the first that answers is used (RFC 8305).
//
// Node's own `autoSelectFamily` gives an address up when the next one's turn comes; here it stays in the race, so one that
// answers late is still found when the others never do.
import dns, { type LookupAddress } from "node:dns";
import net, { type LookupFunction, type Socket } from "node:net";
import { Alarm, now } from "@plait/coroutine/unstable";

/** Where to connect to. */
export interface AttemptsTarget {
  readonly host: string;
  readonly port: number;
  /** Milliseconds from one attempt to the next, while none has failed. */
  readonly apart: number;
  readonly lookup?: LookupFunction | undefined;
}

/** The race to one target. It owns the sockets until one has won; `cancel`, or an end without a winner, leaves none. */
export class Attempts extends Alarm {
  readonly #target: AttemptsTarget;
  readonly #won: (socket: Socket) => void;
  readonly #lost: (causes: readonly Error[]) => void;
  readonly #running = new Set<Socket>();
  #waiting: LookupAddress[] = [];
  #failures: Error[] = [];
  #over = false;

  /**
   * Begins. One of the two functions is called, once and in a later turn, unless it is cancelled before.
   *
   * @param lost Is given why each address failed, or why there is none.
   */
  constructor(target: AttemptsTarget, won: (socket: Socket) => void, lost: (causes: readonly Error[]) => void) {
    super();
    this.#target = target;
    this.#won = won;
    this.#lost = lost;
    const { host, lookup = dns.lookup as LookupFunction } = target;
    const family = net.isIP(host);
    if (family !== 0) this.#begin([{ address: host, family }]);
    else lookup(host, { all: true }, (error, found) => this.#found(error, found));
  }

  /** Lets go of every attempt. Idempotent. */
  cancel(): void {
    this.#over = true;
    this.unset();
    for (const socket of this.#running) drop(socket);
    this.#running.clear();
  }

  protected override fired(): void {
    this.#next();
  }

  #found(error: Error | null, found: string | readonly LookupAddress[]): void {
    if (this.#over) return;
    const addresses = typeof found === "string" ? [{ address: found, family: net.isIP(found) }] : found;
    if (error !== null || addresses.length === 0) this.#lose([error ?? new Error("The name has no address.")]);
    else this.#begin(alternate(addresses));
  }

  #begin(addresses: LookupAddress[]): void {
    this.#waiting = addresses;
    this.#next();
  }

  #next(): void {
    const next = this.#waiting.shift();
    if (next === undefined) return;
    const { port, apart } = this.#target;
    const socket = net.connect({ host: next.address, port, family: next.family, allowHalfOpen: true });
    this.#running.add(socket);
    socket.once("connect", () => this.#connected(socket));
    socket.once("error", (error) => this.#failed(socket, error));
    if (this.#waiting.length > 0) this.set(now() + apart);
  }

  #connected(socket: Socket): void {
    this.#running.delete(socket);
    this.cancel();
    socket.removeAllListeners("error");
    this.#won(socket);
  }

  #failed(socket: Socket, error: Error): void {
    this.#running.delete(socket);
    this.#failures.push(error);
    if (this.#waiting.length > 0) this.#next();
    else if (this.#running.size === 0) this.#lose(this.#failures);
  }

  #lose(causes: readonly Error[]): void {
    this.cancel();
    this.#lost(causes);
  }
}

/** Addresses in the resolver's order, but IPv6 and IPv4 by turns: where one of them leads nowhere, all of its do. */
export function alternate(addresses: readonly LookupAddress[]): LookupAddress[] {
  const preferred = addresses.filter(({ family }) => family === addresses[0]?.family);
  const others = addresses.filter(({ family }) => family !== addresses[0]?.family);
  const longest = Math.max(preferred.length, others.length);
  return Array.from({ length: longest }, (_, at) => [preferred[at], others[at]])
    .flat()
    .filter((address) => address !== undefined);
}

function drop(socket: Socket): void {
  socket.removeAllListeners().on("error", () => {});
  socket.destroy();
}
