// Who takes part: Node programs always, Go and gevent when they are installed.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A program that measures the scenarios in its own way. */
export interface Rival {
  readonly name: string;
  readonly version: string;
  readonly command: readonly [string, ...string[]];
  /** Part of a scenario's count that it gets: the slow ones would take minutes for all of it. */
  readonly share: number;
}

const compiled = import.meta.dirname;
const sources = join(compiled, "../../src/coroutine/contenders");

export function findRivals(): Rival[] {
  return [
    nodeRival("plait", process.version, 1),
    nodeRival("async", process.version, 1),
    nodeRival("effect", versionOf("effect"), 0.25),
    nodeRival("effection", versionOf("effection"), 0.05),
    ...findGo(),
    ...findGevent(),
  ];
}

function nodeRival(name: string, version: string, share: number): Rival {
  const program = join(compiled, "contenders", `${name}.js`);
  return { name, version, command: [process.execPath, "--expose-gc", program], share };
}

function versionOf(name: string): string {
  const file = join(compiled, "../../package.json");
  const { dependencies } = JSON.parse(readFileSync(file, "utf8")) as { dependencies: Record<string, string> };
  return dependencies[name] ?? "";
}

function findGo(): Rival[] {
  const found = spawnSync("go", ["version"], { encoding: "utf8" });
  if (found.status !== 0) return [];
  const program = join(mkdtempSync(join(tmpdir(), "plait-bench-")), "tasks");
  execFileSync("go", ["build", "-o", program, join(sources, "go/main.go")]);
  return [{ name: "go", version: found.stdout.split(" ")[2] ?? "", command: [program], share: 1 }];
}

function findGevent(): Rival[] {
  for (const python of ["python3", "/usr/bin/python3"]) {
    const found = spawnSync(python, ["-c", "import gevent; print(gevent.__version__)"], { encoding: "utf8" });
    if (found.status !== 0) continue;
    const command = [python, join(sources, "gevent_tasks.py")] as const;
    return [{ name: "gevent", version: found.stdout.trim(), command, share: 0.1 }];
  }
  return [];
}
