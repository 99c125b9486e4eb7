// The terminal while "supervisor top" has it: a screen of its own, keys without echo, and everything as it was afterwards.
import { emitKeypressEvents } from "node:readline";
import type { ReadStream, WriteStream } from "node:tty";
import type { Size } from "./render.ts";

const ENTER = "\u001b[?1049h\u001b[?25l\u001b[?7l";
const LEAVE = "\u001b[?7h\u001b[?25h\u001b[?1049l";
/** A terminal that knows them shows the frame at once; the others pass them over. */
const BEGIN = "\u001b[?2026h";
const END = "\u001b[?2026l";

interface Key {
  readonly name?: string;
  readonly sequence?: string;
  readonly ctrl?: boolean;
}

export interface ScreenOptions {
  readonly input: ReadStream;
  readonly output: WriteStream;
  /** Called with the key's name, its character, or "ctrl-c". */
  readonly onKey: (name: string) => void;
  readonly onResize: () => void;
}

/** Owns the terminal until `close()`; the end of the program gives it back, too. */
export class Screen implements Disposable {
  readonly #options: ScreenOptions;
  readonly #onKeypress: (text: string | undefined, key: Key) => void;
  readonly #onExit = () => this.close();
  #closed = false;

  constructor(options: ScreenOptions) {
    this.#options = options;
    const { input, output, onKey, onResize } = options;
    this.#onKeypress = (text, { name, sequence, ctrl }) => {
      onKey(ctrl && name ? `ctrl-${name}` : (name ?? text ?? sequence ?? ""));
    };
    emitKeypressEvents(input);
    input.setRawMode(true);
    input.on("keypress", this.#onKeypress);
    output.on("resize", onResize);
    process.on("exit", this.#onExit);
    output.write(ENTER);
  }

  get size(): Size {
    const { columns, rows } = this.#options.output;
    // A terminal that does not know its size says 0.
    return { columns: columns || 80, rows: rows || 24 };
  }

  draw(lines: readonly string[]): void {
    if (this.#closed) return;
    const frame = lines.map((line) => `${line}\u001b[K`).join("\n");
    this.#options.output.write(`${BEGIN}\u001b[H${frame}\u001b[J${END}`);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const { input, output, onResize } = this.#options;
    process.off("exit", this.#onExit);
    output.off("resize", onResize);
    input.off("keypress", this.#onKeypress);
    input.setRawMode(false);
    input.pause();
    output.write(LEAVE);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
