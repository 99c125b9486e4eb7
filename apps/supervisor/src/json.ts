// Prints data as JSON, but never a secret that it holds.

/** JSON of anything that a configuration may be part of; `indent` as in `JSON.stringify`. Undefined for undefined. */
export function toJson(value: unknown, indent?: number): string | undefined {
  return JSON.stringify(value, (key, held) => (key === "passphrase" && held ? "(hidden)" : held), indent);
}
