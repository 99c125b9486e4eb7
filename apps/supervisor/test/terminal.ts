// Runs the supervisor command in a pseudo-terminal, which Python's standard library has and Node's has not.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { onTestFinished } from "vitest";
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
  }

  /** The lines that were drawn last, without colours. */
  get screen(): string[] {
    const frame = this.output.split("\u001b[H").at(-1) ?? "";
    return stripVTControlCharacters(frame)
      .split("\n")
      .map((line) => line.trimEnd());
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

  /** Resolves as soon as the screen is as wanted; rejects when the program ends without. */
  until(isThere: (screen: readonly string[]) => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => {
        // Only whole frames: each ends with the clearing of what is below.
        const isWhole = this.output.lastIndexOf("\u001b[J") > this.output.lastIndexOf("\u001b[H");
        if (isWhole && isThere(this.screen)) resolve();
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
