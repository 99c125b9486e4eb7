// Sizes as people write them ("512MB"), in bytes as programs want them.

type Unit = "B" | "KB" | "MB" | "GB" | "TB" | "KiB" | "MiB" | "GiB" | "TiB";

const bytes: Readonly<Record<Unit, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};
const pattern = /^(\d+(?:\.\d+)?)\s?(B|[KMGT]i?B)$/;

/** A size: a number of bytes, or a number and its unit. `MB` is 10⁶ bytes, `MiB` is 2²⁰. */
export type Size = number | `${number}${Unit}`;

/**
 * The size in bytes, or `undefined` if `text` is not one. Never negative, rounded to a whole byte.
 *
 * @example
 * ```ts
 * parseSize("512MB"); // => 512000000
 * parseSize("64MiB"); // => 67108864
 * ```
 */
export function parseSize(text: unknown): number | undefined {
  if (typeof text === "number") return Number.isFinite(text) && text >= 0 ? Math.round(text) : undefined;
  if (typeof text !== "string") return undefined;
  const [, digits, unit] = pattern.exec(text.trim()) ?? [];
  if (digits === undefined || unit === undefined) return undefined;
  return Math.round(Number(digits) * bytes[unit as Unit]);
}

/**
 * A size for people, in decimal units with at most one digit after the point.
 *
 * @example
 * ```ts
 * formatSize(13_900_000); // => "13.9MB"
 * ```
 */
export function formatSize(size: number): string {
  for (const unit of ["TB", "GB", "MB", "KB"] as const) {
    if (size >= bytes[unit]) return `${Number((size / bytes[unit]).toFixed(1))}${unit}`;
  }
  return `${size}B`;
}
