// A deployment's log: what its units write and what happens to them, in memory and, when it is configured, in a file.
import { setImmediate as turn } from "node:timers/promises";
import type { LogsConfig } from "@plait/config";
import { entryText, type LogEntry } from "./log-entry.ts";
import { LogFile } from "./log-file.ts";
import { type LogPage, type LogQuery, matches, readPage } from "./log-query.ts";
import { LogRing } from "./log-ring.ts";

/** It owns its file, and those who wait for a line, until `close()` has resolved. */
export class Logs {
  readonly #ring: LogRing;
  readonly #write: (entry: LogEntry) => string;
  readonly #watchers = new Set<(entry: LogEntry | undefined) => void>();
  #file: LogFile | undefined;
  #ended = false;

  private constructor({ memory, format }: LogsConfig) {
    this.#ring = new LogRing(memory);
    this.#write = format === "json" ? (entry) => JSON.stringify(entry) : entryText;
  }

  /**
   * @param owner who tells about the file: the deployment's name
   * @throws {LogFileError} when the file can't be opened
   */
  static async open(config: LogsConfig, owner: string): Promise<Logs> {
    const logs = new Logs(config);
    // Not into the file: it is the file's own trouble.
    const onTrouble = (text: string) =>
      logs.#keep({ at: Date.now(), service: owner, unit: null, level: "error", source: "supervisor", text });
    if (config.file !== undefined) logs.#file = await LogFile.open({ path: config.file, onTrouble });
    return logs;
  }

  /** Whether the log is over: what it holds is all that there will be. */
  get ended(): boolean {
    return this.#ended;
  }

  add(entry: Omit<LogEntry, "seq">): void {
    const kept = this.#keep(entry);
    this.#file?.write(this.#write(kept));
  }

  /** Whether any entry that is kept is about the unit. */
  has(unit: string): boolean {
    return readPage(this.#ring, { unit, last: 1 }).entries.length > 0;
  }

  /**
   * Reads a page. With `wait`, an empty one is held back until there is something to read, the log is over, or so many
   * ms have passed.
   */
  async read(query: LogQuery, wait = 0): Promise<LogPage> {
    const page = readPage(this.#ring, query);
    if (page.entries.length > 0 || page.more || wait === 0 || this.#ended) return page;
    await this.#next(query, wait);
    // Let the lines that come together go together.
    await turn();
    return readPage(this.#ring, { ...query, after: page.next });
  }

  /** @throws {LogFileError} when the file can't be opened again; the old one stays in use */
  async reopen(): Promise<void> {
    await this.#file?.reopen();
  }

  /** No entry comes any more: those who wait get what there is. */
  async close(): Promise<void> {
    this.#ended = true;
    for (const look of this.#watchers) look(undefined);
    await this.#file?.close();
    this.#file = undefined;
  }

  #keep(entry: Omit<LogEntry, "seq">): LogEntry {
    const kept = this.#ring.add(entry);
    for (const look of this.#watchers) look(kept);
    return kept;
  }

  /** Settles with the next entry that is asked for, at the end of the log, or after so many ms. */
  #next(query: LogQuery, ms: number): Promise<void> {
    return new Promise((resolve) => {
      const settle = () => {
        clearTimeout(timer);
        this.#watchers.delete(look);
        resolve();
      };
      const look = (entry: LogEntry | undefined) => {
        if (entry === undefined || matches(entry, query)) settle();
      };
      const timer = setTimeout(settle, ms);
      this.#watchers.add(look);
    });
  }
}
