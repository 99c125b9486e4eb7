// Whether a listener's connections are accepted now, or left in the kernel's queue.
import type { ListenerSetup } from "./listener-setup.ts";

/**
 * Not while it is suspended, nor at a limit of connections that queues.
 *
 * @param connections how many it has
 * @param shareOf what of the limit is for whoever asks
 */
export function isOpen(
  setup: ListenerSetup | undefined,
  connections: number,
  shareOf: (limit: number) => number = (limit) => limit,
): boolean {
  if (setup === undefined) return true;
  const { connections: limit, overload } = setup.options.limits ?? {};
  const isFull = limit !== undefined && overload === "queue" && connections >= shareOf(limit);
  return !isFull && !setup.suspended;
}
