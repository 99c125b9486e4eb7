// Who has the memory that threads share: the main thread of their process.
import { SharedMemoryError } from "./errors.ts";

/** Makes memory at its first use, and keeps it as long as the process lives. */
export class NamedMemory {
  readonly #byName = new Map<string, SharedArrayBuffer>();

  get(name: string, bytes: number): SharedArrayBuffer {
    if (typeof name !== "string") throw new SharedMemoryError(name, "give it a name, which is text");
    if (!Number.isSafeInteger(bytes) || bytes < 1) {
      throw new SharedMemoryError(name, `${bytes} bytes are none; ask for a whole number from 1 on`);
    }
    const memory = this.#byName.get(name) ?? allocate(name, bytes);
    if (memory.byteLength !== bytes) {
      throw new SharedMemoryError(
        name,
        `it has ${memory.byteLength} bytes, and ${bytes} were asked for; ask for the same size everywhere`,
      );
    }
    this.#byName.set(name, memory);
    return memory;
  }
}

function allocate(name: string, bytes: number): SharedArrayBuffer {
  try {
    return new SharedArrayBuffer(bytes);
  } catch (cause) {
    throw new SharedMemoryError(name, `there is no room for ${bytes} bytes; ask for less`, { cause });
  }
}
