// Draws what "supervisor check" found out, for people.
import { formatDuration, formatSize } from "@plait/config/units";
import type { CheckedService, CheckReport } from "./check-report.ts";
import { colors } from "./colors.ts";

/** The report, section by section; what the host contradicts comes last, where it is seen. */
export function drawCheck(report: CheckReport): string {
  const source = report.file === null ? "" : ` (${report.file})`;
  const lines = [`${colors.bold(report.name)}${source}`];
  if (report.overrides.length > 0) lines.push(`changed by ${report.overrides.join(", ")}`);
  for (const service of report.services) lines.push("", ...serviceLines(service));
  const { health, logs, readers } = report;
  lines.push(
    "",
    colors.bold("for all services"),
    ...table([
      ["health", health ?? "off"],
      ["logs.memory", formatSize(logs.memory)],
      ["logs.file", logs.file === undefined ? "none" : `${logs.file} (${logs.format})`],
      ["control.readers", readers === null ? "none" : `${readers.path} (mode 0${readers.mode.toString(8)})`],
    ]),
  );
  lines.push("");
  if (report.contradictions.length === 0) lines.push(colors.green("Nothing on this host contradicts it."));
  for (const { service, text } of report.contradictions) {
    lines.push(`${colors.yellow("warning")}: ${service === null ? "" : `${service}: `}${text}`);
  }
  return lines.join("\n");
}

const ways = {
  process: "each process accepts, and serves what it has accepted",
  handoff: "each process accepts, and its threads are handed the connections",
  direct: "every thread accepts for itself",
};

function serviceLines({ config, accept, arithmetic, worstCaseRestarts, shutdownMs }: CheckedService): string[] {
  const { preDrain, drain, cancel, kill } = config.stop;
  const parts = [preDrain, drain, cancel, kill].map(formatDuration).join(" + ");
  return [
    colors.bold(config.name),
    "  configuration",
    ...table(settings(config)),
    "  on this host",
    ...table([
      ...arithmetic.map(({ what, value, because }) => {
        const size = what === "memory" || what === "footprint";
        return [what, size ? formatSize(value) : String(value), because];
      }),
      ...Object.entries(accept).map(([listener, way]) => ["accept", way, `${listener}: ${ways[way]}`]),
    ]),
    "  restarts before it is given up, if nothing ever becomes healthy",
    ...table(worstCaseRestarts.map(({ tier, restarts, because }) => [tier, String(restarts), because])),
    "  a stop takes at most",
    ...table([["stop", formatDuration(shutdownMs), `${parts} (preDrain, drain, cancel, kill)`]]),
  ];
}

/** Every key of a service with its value, as in the configuration. */
function settings({ listen, ...rest }: CheckedService["config"]): string[][] {
  return [...flat(rest, []), ["listen", listen.map(({ name }) => name).join(", ")]];
}

function flat(value: unknown, path: readonly string[]): string[][] {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return Object.entries(value).flatMap(([name, child]) => flat(child, [...path, name]));
  }
  const key = path.join(".");
  return [[key, isDuration(key) && typeof value === "number" ? formatDuration(value) : String(value)]];
}

function isDuration(key: string): boolean {
  return /^(stop|watchdog)\.|\.(timeout|period|healthyAfter|initial|cap|resetAfter|soak|age|threadAge|minLifetime)$/.test(
    key,
  );
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    `    ${row.map((cell, column) => (column < row.length - 1 ? cell.padEnd(widths[column] ?? 0) : cell)).join("  ")}`.trimEnd(),
  );
}
