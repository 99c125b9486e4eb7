// Runs the supervisor command in a pseudo-terminal, which Python's standard library has and Node's has not.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { onTestFailed, onTestFinished } from "vitest";
import { bin, here } from "./supervisor-program.ts";

/** Whether there is a Python that can open pseudo-terminals. */
export const hasTerminals: boolean = spawnSync("python3", ["-c", "import pty, termios"]).status === 0;

export interface TerminalExit {
  readonly code: number;
  /** Whether the terminal's settings are what they were. */
  readonly restored: boolean;
}

/** A program on a terminal of 80 columns and 24 rows. The test's end ends it. */
export class Terminal {
  readonly exited: Promise<TerminalExit>;
  /** Everything that it has sent to the terminal. */
  output = "";
  readonly #child: ChildProcess;
  readonly #watchers = new Set<() => void>();

  constructor(args: readonly string[], { runtime, cwd = here }: { readonly runtime: string; readonly cwd?: string }) {
    const env = { ...process.env, XDG_RUNTIME_DIR: runtime, TERM: "xterm-256color" };
    const program = [join(here, "in-terminal.py"), process.execPath, bin, ...args];
    this.#child = spawn("python3", program, { cwd, env, stdio: ["pipe", "pipe", "pipe"] });
    let said = "";
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.output += text;
      for (const look of this.#watchers) look();
    });
    this.#child.stderr?.on("data", (text) => {
      said += text;
    });
    this.exited = once(this.#child, "close").then(() => {
      for (const look of this.#watchers) look();
      return JSON.parse(said) as TerminalExit;
    });
    this.exited.catch(() => {});
    onTestFinished(() => void this.#child.stdin?.end());
    onTestFailed(() => console.error(`The terminal's last screen:\n${this.screen.join("\n")}`));
  }

  /** The lines that were drawn last, without colours. */
  get screen(): string[] {
    return linesOf(this.#frames.at(-1) ?? "");
  }

  /** What was drawn so far, each time whole: a frame ends with the clearing of what is below. */
  get #frames(): string[] {
    const frames = this.output.split("\u001b[H").slice(1);
    return frames.at(-1)?.includes("\u001b[J") === false ? frames.slice(0, -1) : frames;
  }

  press(keys: string): void {
    this.#order({ keys });
  }

  resize(rows: number, columns: number): void {
    this.#order({ resize: [rows, columns] });
  }

  signal(signal: number): void {
    this.#order({ signal });
  }

  /** Resolves as soon as the screen is as wanted, or has been since this was called; rejects when the program ends without. */
  until(isThere: (screen: readonly string[]) => boolean): Promise<void> {
    let seen = Math.max(0, this.#frames.length - 1);
    return new Promise((resolve, reject) => {
      const look = () => {
        const frames = this.#frames;
        const wanted = frames.slice(seen).some((frame) => isThere(linesOf(frame)));
        seen = frames.length;
        if (wanted) resolve();
        else if (this.#child.exitCode !== null) reject(new Error(`it ended:\n${this.output}`));
        else return;
        this.#watchers.delete(look);
      };
      this.#watchers.add(look);
      look();
    });
  }

  #order(order: object): void {
    this.#child.stdin?.write(`${JSON.stringify(order)}\n`);
  }
}

function linesOf(frame: string): string[] {
  return stripVTControlCharacters(frame)
    .split("\n")
    .map((line) => line.trimEnd());
}
