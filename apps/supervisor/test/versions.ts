// A service in a folder of its own, whose code and configuration a test changes while it runs.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { onTestFinished } from "vitest";
import {
  type Exit,
  type ProgramOptions,
  RunningSupervisor,
  supervisor,
  temporaryFolder,
} from "./supervisor-program.ts";

/** How the code of a version misbehaves. */
export interface Misbehaviour {
  /** A statement at the top of the module. */
  readonly atLoad?: string;
  /** A statement for each `text` that a connection reads. */
  readonly onText?: string;
}

export class VersionedService {
  readonly folder: string;
  readonly #runtime: string;
  readonly #onTestFinished: typeof onTestFinished | undefined;

  /** @param onFinished a concurrent test's own `onTestFinished` */
  constructor(config: Readonly<Record<string, unknown>> = {}, onFinished?: typeof onTestFinished) {
    this.folder = temporaryFolder(onFinished);
    this.#runtime = temporaryFolder(onFinished);
    this.#onTestFinished = onFinished;
    this.deploy("1");
    this.configure(config);
  }

  get running(): Promise<RunningSupervisor> {
    return this.start();
  }

  start(options: Pick<ProgramOptions, "env" | "launcher"> = {}): Promise<RunningSupervisor> {
    const onFinished = this.#onTestFinished;
    return RunningSupervisor.start([this.folder], {
      ...options,
      runtime: this.#runtime,
      ...(onFinished && { onTestFinished: onFinished }),
    });
  }

  /** Writes the service: it upper-cases, and answers "who" with its version and the connection's id. */
  deploy(version: string, { atLoad = "", onText = "" }: Misbehaviour = {}): void {
    writeFileSync(
      join(this.folder, "versioned.mjs"),
      `${atLoad}
export default {
  async connection(conn) {
    for (let chunk = await conn.read(); chunk !== null; chunk = await conn.read()) {
      const text = chunk.toString();
      ${onText}
      await conn.write(text.trim() === "who" ? "${version} " + conn.id + "\\n" : text.toUpperCase());
    }
  },
};
`,
    );
  }

  configure(config: Readonly<Record<string, unknown>>): void {
    this.write(
      JSON.stringify({
        entry: "./versioned.mjs",
        listen: "127.0.0.1:0",
        topology: { processes: 2, threads: 1 },
        reload: { soak: "300ms" },
        ...config,
      }),
    );
  }

  /** Writes the configuration's file, whatever is in it. */
  write(text: string): void {
    writeFileSync(join(this.folder, "supervisor.config.json"), text);
  }

  /** Runs another command against the running supervisor. */
  command(...args: string[]): Promise<Exit> {
    return supervisor(args, { runtime: this.#runtime, cwd: this.folder });
  }
}
