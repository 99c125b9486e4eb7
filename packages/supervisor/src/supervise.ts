// The programmatic way in: run a deployment from a test, or inside another program.
import { type ConfigInput, parseConfig } from "@plait/config";
import { Supervisor, type SupervisorOptions } from "./supervisor.ts";

/**
 * Runs a deployment and resolves when it serves.
 *
 * @param config the same shape as in `supervisor.config.ts`; relative paths count from the working directory
 * @returns the running supervisor, which owns every socket, process and thread until `stop()`; `await using` stops it
 * @throws {ConfigError} when the configuration is wrong
 * @throws {BindError} when an address can't be bound
 * @throws {ProcessStartError | ThreadStartError | ServiceLoadError} when the service can't start; nothing stays running
 * @example
 * ```ts
 * await using supervisor = await supervise({
 *   entry: "./echo.ts",
 *   listen: "127.0.0.1:0",
 *   topology: { processes: 0, threads: 2 },
 * });
 * console.log(supervisor.listeners[0]?.address);
 * ```
 */
export async function supervise(config: ConfigInput, options: SupervisorOptions = {}): Promise<Supervisor> {
  return Supervisor.start(parseConfig(config), options);
}
