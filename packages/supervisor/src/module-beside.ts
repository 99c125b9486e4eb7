// Finds a module of this package that another process or thread executes.
import { fileURLToPath } from "node:url";

/** Absolute path of a module in this folder, built or not: `moduleBeside("thread-main")`. */
export function moduleBeside(name: string): string {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  return fileURLToPath(new URL(`./${name}.${extension}`, import.meta.url));
}
