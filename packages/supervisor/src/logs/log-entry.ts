// One line of a deployment's log: something that a unit wrote, or something that happened to it.

/** From the least to the most serious. */
export const levels = ["debug", "info", "warn", "error"] as const;

export type Level = (typeof levels)[number];

export interface LogEntry {
  /** Counts the entries of a supervisor, from 1. */
  readonly seq: number;
  /** When, in ms since the epoch. */
  readonly at: number;
  readonly service: string;
  /** The id of the process or the thread; null for the service as a whole. */
  readonly unit: string | null;
  readonly level: Level;
  /** The stream that the unit wrote it on, or the supervisor, which tells what happened to the unit. */
  readonly source: "stdout" | "stderr" | "supervisor";
  /** Without the end of its line. */
  readonly text: string;
}

/** Whether `level` is at least as serious as `least`. */
export function isAtLeast(level: Level, least: Level): boolean {
  return levels.indexOf(level) >= levels.indexOf(least);
}

/**
 * How serious a written line is. A line that is a JSON object with a `level` says so itself, by its name or by pino's
 * number; of the others, standard error is `error` and standard output `info`.
 */
export function levelOf(stream: "stdout" | "stderr", line: string): Level {
  const said = line.startsWith("{") && line.includes('"level"') ? saidLevel(line) : undefined;
  return said ?? (stream === "stderr" ? "error" : "info");
}

const names: Readonly<Record<string, Level>> = {
  trace: "debug",
  debug: "debug",
  info: "info",
  notice: "info",
  warn: "warn",
  warning: "warn",
  error: "error",
  fatal: "error",
  critical: "error",
};

function saidLevel(line: string): Level | undefined {
  let level: unknown;
  try {
    ({ level } = JSON.parse(line) as { level?: unknown });
  } catch {
    // Not JSON after all.
    return undefined;
  }
  if (typeof level === "string") {
    const name = level.toLowerCase();
    return Object.hasOwn(names, name) ? names[name] : undefined;
  }
  if (typeof level !== "number") return undefined;
  if (level < 30) return "debug";
  if (level < 40) return "info";
  return level < 50 ? "warn" : "error";
}

/** The entry as one line of text; what happened to a unit has no bar after the unit's id. */
export function entryText({ at, service, unit, source, text }: LogEntry): string {
  const time = new Date(at).toISOString();
  return source === "supervisor" ? `${time} ${text}` : `${time} ${unit ?? service} | ${text}`;
}
