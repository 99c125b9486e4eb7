// Who has the memory that threads share: the main thread of their process.
import { SharedMemoryError } from "./errors.ts";

/** Makes memory at its first use, and keeps it as long as the process lives. */
export class NamedMemory {
  readonly #byName = new Map<string, SharedArrayBuffer>();

  get(name: string, bytes: number): SharedArrayBuffer {
    if (!Number.isSafeInteger(bytes) || bytes < 1) throw new SharedMemoryError(name, `${bytes} bytes are none`);
    const memory = this.#byName.get(name) ?? new SharedArrayBuffer(bytes);
    if (memory.byteLength !== bytes) {
      throw new SharedMemoryError(name, `it has ${memory.byteLength} bytes, and ${bytes} were asked for`);
    }
    this.#byName.set(name, memory);
    return memory;
  }
}
