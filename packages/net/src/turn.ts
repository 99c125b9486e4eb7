// Collects what is written during one turn of the event loop and sends it at the end of it, one system call per
// connection.
import { wakeAll } from "@plait/coroutine/unstable";

/** Something with output to send at the end of the turn. */
export interface Flushable {
  flush(): void;
}

let dirty: Flushable[] = [];
let spare: Flushable[] = [];
let scheduled = false;
/** Inside {@link ioTurn}, which flushes by itself. */
let inside = false;

/** Has `flush` called once, at the end of the turn. Call it again only after that. */
export function flushLater(flushable: Flushable): void {
  dirty.push(flushable);
  if (inside || scheduled) return;
  scheduled = true;
  queueMicrotask(flushScheduled);
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
  while (dirty.length > 0) {
    const batch = dirty;
    dirty = spare;
    spare = batch;
    for (const flushable of batch) flushable.flush();
    batch.length = 0;
  }
}
