// Draws an entry of the log, for people.
import type { Level, LogEntry } from "@plait/supervisor";
import { colors } from "./colors.ts";

const colorOf: Readonly<Record<Level, (text: string) => string>> = {
  debug: colors.dim,
  info: String,
  warn: colors.yellow,
  error: colors.red,
};

/** The entry after its local time: what a unit wrote behind the unit's id and a bar, as `supervisor start` shows it. */
export function drawLogEntry({ at, service, unit, level, source, text }: LogEntry): string {
  const time = colors.dim(new Date(at).toTimeString().slice(0, 8));
  const shown = colorOf[level](text);
  return source === "supervisor" ? `${time} ${shown}` : `${time} ${colors.bold(unit ?? service)} | ${shown}`;
}
