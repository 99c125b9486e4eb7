// Hands accepted connections to whoever serves them, and leaves the rest in the kernel's queue.
import type { Incoming } from "@plait/net";
import type { ConnectionBook } from "./connection-book.ts";
import { processClock } from "./latency.ts";

/** Who serves: the threads of a process, or the process itself. */
export interface ConnectionTaker {
  /** Whether it could take a connection now. */
  readonly hasRoom: boolean;
  /**
   * Takes a connection of the listener with that name. `onEnd` is called once, after this returns: with the outcome when
   * the connection has ended, with undefined when its unit ended first.
   */
  serve(incoming: Incoming, listener: string, acceptedAt: number, onEnd: (outcome: string | undefined) => void): void;
}

export interface DispatcherOptions {
  readonly server: ConnectionTaker;
  /** Where every connection is entered. */
  readonly book: ConnectionBook;
  /** Accepted connections that may wait here for a coroutine. Past it, they wait in the kernel's queue. */
  readonly queue: number;
  /** Called with true when no more connections should be accepted, and with false when they should be again. */
  readonly onFull: (full: boolean) => void;
}

interface Waiting {
  /** By `processClock`. */
  readonly acceptedAt: number;
  readonly incoming: Incoming;
  readonly listener: string;
  readonly onEnd: () => void;
}

/**
 * Nothing is accepted that can't be served: connections go to the server while it has room, wait here up to the limit,
 * and past that are not accepted at all. It owns the connections that wait.
 */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #waiting: Waiting[] = [];
  readonly #whenEmpty = new Set<() => void>();
  #full = false;

  constructor(options: DispatcherOptions) {
    this.#options = options;
  }

  /** Takes over an accepted connection; `onEnd` is called when it has ended, however. */
  offer(incoming: Incoming, listener: string, onEnd: () => void): void {
    this.#options.book.accept();
    this.#waiting.push({ incoming, listener, acceptedAt: processClock(), onEnd });
    this.pump();
  }

  /** Serves what waits, as far as there is room. Call it whenever there may be room again. */
  pump(): void {
    const { server, book, queue, onFull } = this.#options;
    while (this.#waiting.length > 0 && server.hasRoom) {
      const next = this.#waiting.shift();
      if (!next) break;
      // Keep nothing of the connection: it may be another thread's now, and what is left of it here weighs as much as it does there.
      const { incoming, listener, acceptedAt, onEnd } = next;
      // That a unit died tells its exit event.
      server.serve(incoming, listener, acceptedAt, (outcome = "lost") => this.#end(onEnd, outcome));
    }
    book.waiting = this.#waiting.length;
    if (this.#waiting.length === 0) for (const settle of this.#whenEmpty) settle();
    const full = !server.hasRoom && this.#waiting.length >= queue;
    if (full === this.#full) return;
    this.#full = full;
    onFull(full);
  }

  /** Settles when nothing waits any more, or when `signal` aborts: then what still waits is reset. */
  async drain(signal: AbortSignal): Promise<void> {
    if (this.#waiting.length > 0 && !signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#whenEmpty.add(resolve);
        signal.addEventListener("abort", () => resolve(), { once: true });
      });
      this.#whenEmpty.clear();
    }
    for (const waiting of this.#waiting.splice(0)) {
      waiting.incoming.socket.resetAndDestroy();
      this.#end(waiting.onEnd, "cancelled");
    }
    this.#options.book.waiting = 0;
  }

  #end(onEnd: () => void, outcome: string): void {
    this.#options.book.end(outcome);
    onEnd();
  }
}
