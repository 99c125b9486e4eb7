// What can be written, checked where it is written: later nobody would know whose mistake it was.

/** What one write takes. */
export type Writable = string | Uint8Array | readonly (string | Uint8Array)[];

/** Something else than text or bytes was to be written. The service's own fault; nothing was sent. */
export class NotWritableError extends TypeError {
  override readonly name = "NotWritableError";
  readonly code = "ERR_PLAIT_NOT_WRITABLE";

  constructor(what: string) {
    super(
      `Can't write ${what}. Pass a string, a Buffer, a Uint8Array, or a list of them; convert anything else first.`,
    );
  }
}

/** Throws when this can't be written. */
export function checkWritable(data: Writable): void {
  if (typeof data === "string" || data instanceof Uint8Array) return;
  if (!Array.isArray(data)) throw new NotWritableError(nameOf(data));
  for (const piece of data) {
    if (typeof piece !== "string" && !(piece instanceof Uint8Array))
      throw new NotWritableError(`a list with ${nameOf(piece)}`);
  }
}

/** "a number", "an Array", "undefined" */
function nameOf(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  const name = typeof value === "object" ? (value.constructor?.name ?? "object") : typeof value;
  return `${/^[aeiou]/i.test(name) ? "an" : "a"} ${name}`;
}
