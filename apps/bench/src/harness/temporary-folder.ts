// Folders for a run, which go away with it.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

let all: string | undefined;

/** Makes a new one. */
export function temporaryFolder(): string {
  all ??= folderOfRun();
  return mkdtempSync(join(all, "folder-"));
}

function folderOfRun(): string {
  const folder = mkdtempSync(join(tmpdir(), "plait-bench-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
