// Appends a log to a file: whole lines, never held up by a slow disk, and opened anew when logrotate has moved it away.
import { type FileHandle, open } from "node:fs/promises";
import { LogFileError } from "../errors.ts";

/** Text that may wait for the disk, in characters. Past it, lines are dropped and counted. */
const WAITING = 8 * 1024 * 1024;

export interface LogFileOptions {
  readonly path: string;
  /** Called when lines begin to be lost, and when the file takes lines again. */
  readonly onTrouble: (text: string) => void;
}

/** An open log file. It owns the file until `close()` has resolved. */
export class LogFile {
  readonly #options: LogFileOptions;
  #file: FileHandle;
  #waiting: string[] = [];
  #length = 0;
  #lost = 0;
  #failed = false;
  /** Everything that is done to the file, one after the other. */
  #work: Promise<void> = Promise.resolve();
  #writing = false;

  private constructor(options: LogFileOptions, file: FileHandle) {
    this.#options = options;
    this.#file = file;
  }

  /** @throws {LogFileError} when the file can't be opened for appending */
  static async open(options: LogFileOptions): Promise<LogFile> {
    return new LogFile(options, await openToAppend(options.path));
  }

  /** Takes a line, without its end. It is written as soon as the lines before it are. */
  write(line: string): void {
    if (this.#length + line.length > WAITING) {
      if (this.#lost++ === 0) this.#options.onTrouble(`${this.#options.path} takes lines too slowly: some are lost`);
      return;
    }
    this.#waiting.push(`${line}\n`);
    this.#length += line.length;
    if (this.#writing) return;
    this.#writing = true;
    void this.#queue(() => this.#writeWaiting());
  }

  /**
   * Closes the file and opens the one that has its path now; makes it when there is none.
   *
   * @throws {LogFileError} when it can't be opened; the old one stays in use
   */
  reopen(): Promise<void> {
    return this.#queue(async () => {
      const file = await openToAppend(this.#options.path);
      await this.#file.close();
      this.#file = file;
    });
  }

  /** Writes what waits and closes the file. */
  async close(): Promise<void> {
    await this.#queue(() => this.#file.close());
  }

  #queue(step: () => Promise<void>): Promise<void> {
    const done = this.#work.then(step);
    this.#work = done.catch(() => {});
    return done;
  }

  async #writeWaiting(): Promise<void> {
    while (this.#waiting.length > 0) {
      const lines = this.#waiting;
      this.#waiting = [];
      this.#length = 0;
      try {
        await this.#file.writeFile(lines.join(""));
        this.#recovered();
      } catch (error) {
        this.#lost += lines.length;
        if (!this.#failed) this.#options.onTrouble(`${this.#options.path} can't be written: ${error}`);
        this.#failed = true;
      }
    }
    this.#writing = false;
  }

  #recovered(): void {
    if (this.#lost > 0) this.#options.onTrouble(`${this.#options.path} takes lines again; ${this.#lost} were lost`);
    this.#lost = 0;
    this.#failed = false;
  }
}

async function openToAppend(path: string): Promise<FileHandle> {
  try {
    return await open(path, "a", 0o640);
  } catch (error) {
    throw new LogFileError(path, error);
  }
}
