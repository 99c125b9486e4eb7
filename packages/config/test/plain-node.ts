// Loads configurations with the built package in a Node of its own: a test runner that rewrites imports would hide what
// Node does with a file, its errors and its module cache.
import { spawnSync } from "node:child_process";
import type { Deployment } from "../src/index.ts";

export type Loaded = { readonly deployment: Deployment } | { readonly message: string };

/** Loads `path` as often as there are `edits`, which run in that process before each load. */
export function loadInNode(path: string, edits: readonly string[] = [""]): Loaded[] {
  const program = `
    import { writeFileSync } from "node:fs";
    import { ConfigError, loadConfig } from "@plait/config";
    const results = [];
    for (const edit of ${JSON.stringify(edits)}) {
      if (edit) writeFileSync(${JSON.stringify(path)}, edit);
      try {
        results.push({ deployment: await loadConfig(${JSON.stringify(path)}) });
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        results.push({ message: error.message });
      }
    }
    process.stdout.write(JSON.stringify(results));`;
  const node = spawnSync(process.execPath, ["--input-type=module", "--eval", program], {
    cwd: `${import.meta.dirname}/..`,
    encoding: "utf8",
    timeout: 15_000,
  });
  if (node.status !== 0) throw new Error(`node exited with ${node.status ?? node.signal}: ${node.stderr}`);
  return JSON.parse(node.stdout) as Loaded[];
}
