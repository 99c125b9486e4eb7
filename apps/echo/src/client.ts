// One client of the upper-case service: sends, checks every byte of the reply, sends again.
import { connect, type Socket } from "node:net";

export interface ClientOptions {
  readonly host: string;
  readonly port: number;
  readonly messages: number;
  /** How long one reply may take, in ms. */
  readonly timeout: number;
  /** Called for each right reply with the round trip's time in ns. */
  readonly onReply: (ns: bigint) => void;
}

const LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789 äöüéß";

/** Resolves when every reply was right; rejects at the first that was wrong, late or missing. */
export async function runClient(number: number, options: ClientOptions): Promise<void> {
  const socket = await open(options);
  const replies = new Replies(socket, options.timeout);
  try {
    for (let i = 0; i < options.messages; i++) {
      const message = Buffer.from(
        `client ${number} message ${i} ${LETTERS.slice(0, 1 + ((number + i) % LETTERS.length))}`,
      );
      const expected = upperCased(message);
      const sentAt = process.hrtime.bigint();
      socket.write(message);
      const reply = await replies.take(expected.length);
      if (!reply.equals(expected)) throw new Error(`wrong reply: "${reply}" instead of "${expected}"`);
      options.onReply(process.hrtime.bigint() - sentAt);
    }
  } finally {
    socket.destroy();
  }
}

/** Upper-cases ASCII letters and leaves every other byte alone, as the service does. */
function upperCased(bytes: Buffer): Buffer {
  return bytes.map((byte) => (byte >= 0x61 && byte <= 0x7a ? byte - 0x20 : byte)) as Buffer;
}

function open({ host, port, timeout }: ClientOptions): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true });
    const timer = setTimeout(() => socket.destroy(new Error(`no connection within ${timeout} ms`)), timeout);
    socket.once("connect", () => {
      clearTimeout(timer);
      socket.removeAllListeners("error");
      resolve(socket);
    });
    socket.once("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
  });
}

/** Collects a reply of a known length, however the bytes were split. */
class Replies {
  readonly #socket: Socket;
  readonly #timeout: number;
  #received: Buffer = Buffer.alloc(0);
  #waiting:
    | { length: number; resolve(reply: Buffer): void; reject(error: Error): void; timer: NodeJS.Timeout }
    | undefined;
  #failure: Error | undefined;

  constructor(socket: Socket, timeout: number) {
    this.#socket = socket;
    this.#timeout = timeout;
    socket.on("data", (chunk: Buffer) => {
      this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
      this.#settle();
    });
    socket.on("error", (error) => this.#fail(error));
    socket.on("close", () => this.#fail(new Error("the server closed the connection")));
  }

  take(length: number): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const late = () => this.#socket.destroy(new Error(`no reply within ${this.#timeout} ms`));
      this.#waiting = { length, resolve, reject, timer: setTimeout(late, this.#timeout) };
      if (this.#failure) this.#fail(this.#failure);
      else this.#settle();
    });
  }

  #settle(): void {
    const waiting = this.#waiting;
    if (!waiting || this.#received.length < waiting.length) return;
    this.#waiting = undefined;
    clearTimeout(waiting.timer);
    waiting.resolve(this.#received.subarray(0, waiting.length));
    this.#received = this.#received.subarray(waiting.length);
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    const waiting = this.#waiting;
    if (!waiting) return;
    this.#waiting = undefined;
    clearTimeout(waiting.timer);
    waiting.reject(this.#failure);
  }
}
