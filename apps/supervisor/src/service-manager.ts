// Tells systemd how the supervisor is (sd_notify(3)).
//
// Node has no datagram sockets of the unix family, so `systemd-notify` sends: the unit needs NotifyAccess=all, because the
// messages come from another process than the main one.
import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** What a unit of Type=notify is told. Owns a timer until `close`. */
export class ServiceManager {
  readonly #onError: (text: string) => void;
  readonly #alive: NodeJS.Timeout | undefined;
  /** One after the other: they may not overtake each other. */
  #sent: Promise<void> = Promise.resolve();
  #failed = false;
  #stopping = false;

  /** The manager that started this program, if it wants to be told. @param onError called once, with what is missing */
  static fromEnvironment(onError: (text: string) => void): ServiceManager | undefined {
    return process.env.NOTIFY_SOCKET ? new ServiceManager(onError) : undefined;
  }

  private constructor(onError: (text: string) => void) {
    this.#onError = onError;
    const { WATCHDOG_USEC, WATCHDOG_PID = String(process.pid) } = process.env;
    const every = Number(WATCHDOG_USEC) / 1_000 / 2;
    // From the loop that does the supervisor's work: when that stands still, so does this.
    if (every > 0 && Number(WATCHDOG_PID) === process.pid) {
      this.#alive = setInterval(() => this.#tell("WATCHDOG=1"), every).unref();
    }
  }

  /** @param status for people; of several lines only the first is told */
  ready(status: string): void {
    // The stop may have ended a reload.
    if (!this.#stopping) this.#tell("READY=1", `STATUS=${status.split("\n", 1)[0]}`);
  }

  reloading(): void {
    this.#tell("RELOADING=1", `MONOTONIC_USEC=${process.hrtime.bigint() / 1_000n}`);
  }

  stopping(): void {
    this.#stopping = true;
    this.#tell("STOPPING=1");
  }

  /** Resolves when everything is sent. */
  async close(): Promise<void> {
    clearInterval(this.#alive);
    await this.#sent;
  }

  #tell(...assignments: readonly string[]): void {
    this.#sent = this.#sent.then(async () => {
      try {
        await run("systemd-notify", assignments, { timeout: 5_000 });
      } catch (error) {
        if (!this.#failed) this.#onError(`systemd can't be told: ${error instanceof Error ? error.message : error}`);
        this.#failed = true;
      }
    });
  }
}
