// Collects what is written during one turn of the event loop and sends it at the end of it, one system call per
// connection.
import { collectWakes, wakeAll } from "@plait/coroutine/unstable";

/** Something with output to send at the end of the turn. */
export interface Flushable {
  turnEnded(): void;
  /** It threw. */
  failed(error: unknown): void;
}

/** Who has output, from `flushed` to `count`. Never shortened: that costs more than the rest of a turn. */
const dirty: (Flushable | undefined)[] = [];
let flushed = 0;
let count = 0;
let scheduled = false;
/** In an I/O callback, which flushes at its end. */
let inside = false;

/** Has `turnEnded` called once, at the end of the turn. Call it again only after that. */
export function flushLater(flushable: Flushable): void {
  dirty[count++] = flushable;
  if (inside || scheduled) return;
  scheduled = true;
  queueMicrotask(flushScheduled);
}

/** Begins an I/O callback that {@link endIoCallback} ends, whatever happens in between. */
export function beginIoCallback(): void {
  collectWakes();
}

/** Ends an I/O callback: runs the coroutines it has woken right here, then sends what they wrote. */
export function endIoCallback(): void {
  if (inside) return;
  inside = true;
  try {
    wakeAll();
  } finally {
    inside = false;
    flushAll();
  }
}

function flushScheduled(): void {
  scheduled = false;
  flushAll();
}

function flushAll(): void {
  while (flushed < count) {
    const flushable = dirty[flushed];
    dirty[flushed++] = undefined;
    try {
      flushable?.turnEnded();
    } catch (error) {
      flushable?.failed(error);
    }
  }
  flushed = 0;
  count = 0;
}
