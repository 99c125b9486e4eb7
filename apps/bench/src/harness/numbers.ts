// Numbers as people read them, the same in the terminal and in the docs.

/** Three figures, with thousands set apart: 0.123, 12.3, 1,230. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  const digits = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
  return value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** How often as good: `1.23×`. */
export function times(ratio: number): string {
  return `${figure(ratio)}×`;
}
