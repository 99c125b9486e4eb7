// Durations as people write them ("30s"), in milliseconds as programs want them.

const milliseconds = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const pattern = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;

/** A duration: a number of milliseconds, or a number and its unit, such as `"500ms"`, `"30s"`, `"1.5m"`, `"2h"`, `"1d"`. */
export type Duration = number | `${number}${keyof typeof milliseconds}`;

/**
 * The duration in milliseconds, or `undefined` if `text` is not one. Never negative, rounded to a whole millisecond.
 *
 * @example
 * ```ts
 * parseDuration("1.5m"); // => 90000
 * parseDuration("soon"); // => undefined
 * ```
 */
export function parseDuration(text: unknown): number | undefined {
  if (typeof text === "number") return Number.isFinite(text) && text >= 0 ? Math.round(text) : undefined;
  if (typeof text !== "string") return undefined;
  const [, digits, unit] = pattern.exec(text.trim()) ?? [];
  if (digits === undefined || unit === undefined) return undefined;
  return Math.round(Number(digits) * milliseconds[unit as keyof typeof milliseconds]);
}

/**
 * A duration for people, in the largest unit that divides it.
 *
 * @example
 * ```ts
 * formatDuration(90_000); // => "90s"
 * ```
 */
export function formatDuration(ms: number): string {
  for (const unit of ["d", "h", "m", "s"] as const) {
    if (ms >= milliseconds[unit] && ms % milliseconds[unit] === 0) return `${ms / milliseconds[unit]}${unit}`;
  }
  return `${ms}ms`;
}
