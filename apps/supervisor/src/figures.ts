// How figures are shown: short enough for a column.
import { formatSize } from "@plait/config/units";

const units = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
] as const;

/** A time span in its largest unit: `"42s"`, `"3m"`, `"5h"`, `"12d"`. */
export function showAge(ms: number): string {
  const [unit, size] = units.find(([, size]) => ms >= size) ?? ["s", 1_000];
  return `${Math.max(0, Math.floor(ms / size))}${unit}`;
}

/** A share of one core, or of a thread's time: `"7%"`. */
export function showShare(share: number | undefined): string {
  return share === undefined ? "" : `${Math.round(share * 100)}%`;
}

/** Bytes with their unit, or nothing when they are not known: `"13.9MB"`. */
export function showSize(bytes: number | undefined): string {
  return bytes === undefined ? "" : formatSize(bytes);
}

/** A count in at most five characters: `"812"`, `"12.3k"`, `"4.5M"`. */
export function showCount(count: number): string {
  if (count < 10_000) return String(Math.round(count));
  return count < 999_950 ? `${(count / 1_000).toFixed(1)}k` : `${(count / 1_000_000).toFixed(1)}M`;
}
