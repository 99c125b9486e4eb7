// How units are addressed: as they are printed, and a service by its name.

/** The unit that is the process or the thread of an id: `"p2.t1"` for `"p2.t1.c914"`, and every other id as it is. */
export function unitOf(id: string): string {
  return id.replace(/\.c\d+$/, "");
}

/**
 * Whether a unit is meant by what somebody wrote: its id, that of its process, or the name of its service.
 *
 * @param addressed `"p2"`, `"p2.t1"` or `"echo"`
 */
export function isAddressed(addressed: string, service: string, unit: string | null): boolean {
  return addressed === service || addressed === unit || (unit?.startsWith(`${addressed}.`) ?? false);
}
