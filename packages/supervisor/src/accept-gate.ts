// Up to how many connections of a listener are accepted, before they are left in the kernel's queue.
import type { ListenerSetup } from "./listener-setup.ts";

/**
 * None while it is suspended, and as many as a limit says that queues.
 *
 * @param shareOf what of the limit is for whoever asks
 */
export function mostConnections(
  setup: ListenerSetup | undefined,
  shareOf: (limit: number) => number = (limit) => limit,
): number {
  if (setup?.suspended) return 0;
  const { connections: limit, overload } = setup?.options.limits ?? {};
  return limit !== undefined && overload === "queue" ? shareOf(limit) : Number.POSITIVE_INFINITY;
}
