// Tells about changes of the code and configuration below a folder.
import { type FSWatcher, readdirSync, watch } from "node:fs";
import { basename, extname, join } from "node:path";

const extensions = new Set([".ts", ".mts", ".cts", ".js", ".mjs", ".cjs", ".json", ".yaml", ".yml"]);

/** Watches a folder and those below it, but for `node_modules` and hidden ones. It owns the watchers until `close()`. */
export class FolderWatch implements Disposable {
  readonly #onChange: (path: string) => void;
  readonly #watchers = new Map<string, FSWatcher>();

  constructor(folder: string, onChange: (path: string) => void) {
    this.#onChange = onChange;
    this.#add(folder);
  }

  close(): void {
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #add(folder: string): void {
    if (this.#watchers.has(folder)) return;
    try {
      const watcher = watch(folder, (_, name) => this.#onEvent(folder, name));
      // A folder that is deleted takes its watcher with it.
      watcher.on("error", () => this.#remove(folder));
      this.#watchers.set(folder, watcher);
      for (const entry of readdirSync(folder, { withFileTypes: true })) {
        if (entry.isDirectory() && !isPassedOver(entry.name)) this.#add(join(folder, entry.name));
      }
    } catch {
      // Not a folder, gone again, or not readable: there is nothing to watch.
      this.#remove(folder);
    }
  }

  #remove(folder: string): void {
    this.#watchers.get(folder)?.close();
    this.#watchers.delete(folder);
  }

  #onEvent(folder: string, name: string | null): void {
    if (name === null || isPassedOver(basename(name))) return;
    const path = join(folder, name);
    if (extensions.has(extname(name))) this.#onChange(path);
    else this.#add(path);
  }
}

function isPassedOver(name: string): boolean {
  return name === "node_modules" || name.startsWith(".");
}
