// A service in a folder of its own, whose code and configuration a test changes while it runs.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Exit, RunningSupervisor, supervisor, temporaryFolder } from "./supervisor-program.ts";

/** How the code of a version misbehaves. */
export interface Misbehaviour {
  /** A statement at the top of the module. */
  readonly atLoad?: string;
  /** A statement for each `text` that a connection reads. */
  readonly onText?: string;
}

export class VersionedService {
  readonly folder: string = temporaryFolder();
  readonly #runtime: string = temporaryFolder();

  constructor(config: Readonly<Record<string, unknown>> = {}) {
    this.deploy("1");
    this.configure(config);
  }

  get running(): Promise<RunningSupervisor> {
    return RunningSupervisor.start([this.folder], { runtime: this.#runtime });
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
