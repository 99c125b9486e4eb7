// Puts what happens to units into words, one line each.
import type { SupervisorEvent } from "@plait/supervisor";

/** The log line for an event; undefined for one that is not worth a line. */
export function describeEvent(event: SupervisorEvent): string | undefined {
  switch (event.type) {
    case "ready":
      return `${event.unit} is ready (incarnation ${event.incarnation})`;
    case "exited":
      return event.exit.cause === "planned" ? undefined : `${event.unit} ended: ${event.exit.text}`;
    case "backoff":
      return `${event.unit} starts again in ${event.delayMs} ms (attempt ${event.attempt})`;
    case "left":
      return undefined;
    case "gave-up":
      return `${event.unit}: ${event.reason}`;
    case "accept-failed":
      return `${event.unit} could not accept a connection: ${event.reason}`;
  }
}
