// A service of which a test has a thread spin, or the main thread of a process.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { onTestFinished } from "vitest";
import { VersionedService } from "../versions.ts";

/** The only code of a service that its main thread runs, when there are threads. */
const placement = `process.on("SIGUSR2", function parseForever() { for (;;); });
export default (candidates) => candidates.toSorted((a, b) => a.connections - b.connections)[0];
`;

/** Spins in the thread of a connection that sends "spin". */
export class SpinningService extends VersionedService {
  constructor(config: Readonly<Record<string, unknown>>, onFinished: typeof onTestFinished) {
    super(config, onFinished);
    this.deploy("1", { onText: 'if (text === "spin") (function skipSpace() { for (;;); })();' });
    writeFileSync(join(this.folder, "placement.mjs"), placement);
  }

  override configure(config: Readonly<Record<string, unknown>>): void {
    super.configure({ ...config, placement: "./placement.mjs" });
  }

  spinMainThread(pid: number): void {
    process.kill(pid, "SIGUSR2");
  }
}
