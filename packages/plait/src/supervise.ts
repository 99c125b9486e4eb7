// Loads the supervisor only when it is used: a serving thread that imports `plait` for `defineService` never does.
import type { ConfigInput } from "@plait/config/define";
import type { Supervisor, SupervisorOptions } from "@plait/supervisor";

/**
 * Runs a deployment and resolves when it serves; see `supervise` of `@plait/supervisor`.
 *
 * @param config the same shape as in `supervisor.config.ts`; relative paths count from the working directory
 * @returns the running supervisor; `await using` stops it
 * @throws {ConfigError | BindError | ProcessStartError | ThreadStartError | ServiceLoadError}
 * @example
 * ```ts
 * await using supervisor = await supervise({ entry: "./echo.ts", listen: "127.0.0.1:0" });
 * ```
 */
export async function supervise(config: ConfigInput, options: SupervisorOptions = {}): Promise<Supervisor> {
  const loaded = await import("@plait/supervisor");
  return loaded.supervise(config, options);
}
