// Lends descriptors of unix sockets to threads, and gets their numbers back without closing what others have meanwhile.
//
// A unix handle can't be transferred to a thread: the thread is told the number, opens it and closes it. The handle that
// brought the number stays here, though, and closing it closes whatever has the number by then. Keeping it costs memory
// for each. The way out: the kernel gives the lowest number that is free, so whoever is given the number of a descriptor
// that came back owns it, and may close it through the handle.
import { closeSync, openSync } from "node:fs";
import type { NativeHandle } from "./native-handle.ts";

/** A descriptor that a thread may open as its own. */
export interface Loan {
  readonly descriptor: number;
  /** The borrower stores 1 in it before it opens the descriptor, with {@link takeLoan}. */
  readonly taken: Int32Array;
}

/** Says that the descriptor is the borrower's from now on: it closes it. */
export function takeLoan({ descriptor, taken }: Loan): number {
  Atomics.store(taken, 0, 1);
  return descriptor;
}

/** More numbers than these are not tried at a time. */
const MOST_TRIES = 64;

/** Owns every handle that was lent until its descriptor is closed. */
export class LentDescriptors {
  readonly #lent = new Map<Loan, NativeHandle>();
  /** Their borrowers have closed the descriptors. */
  readonly #returned: NativeHandle[] = [];

  lend(handle: NativeHandle): Loan {
    const loan = { descriptor: handle.fd, taken: new Int32Array(new SharedArrayBuffer(4)) };
    this.#lent.set(loan, handle);
    return loan;
  }

  /** Call it when the borrower has closed the descriptor, or is gone. */
  back(loan: Loan): void {
    const handle = this.#lent.get(loan);
    if (!handle) return;
    this.#lent.delete(loan);
    if (Atomics.load(loan.taken, 0) === 0) handle.close();
    else this.#returned.push(handle);
    this.#closeReturned();
  }

  /** How many handles are still here whose descriptors are closed. */
  get left(): number {
    return this.#returned.length;
  }

  #closeReturned(): void {
    const others: number[] = [];
    try {
      while (this.#returned.length > 0 && others.length < MOST_TRIES) {
        const free = openSync("/dev/null", "r");
        const index = this.#returned.findIndex(({ fd }) => fd === free);
        const [handle] = index < 0 ? [] : this.#returned.splice(index, 1);
        if (handle) handle.close();
        else others.push(free);
      }
    } catch {
      // No number is free at all: later.
    }
    for (const descriptor of others) closeSync(descriptor);
  }
}
