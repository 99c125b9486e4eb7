// Puts what happens to units into words, one line each.
import { isRequested } from "@plait/policy";
import type { Level } from "./logs/log-entry.ts";
import type { SupervisorEvent } from "./supervisor-event.ts";

/** The log line for an event; undefined for one that is not worth a line. */
export function describeEvent(event: SupervisorEvent): string | undefined {
  switch (event.type) {
    case "ready":
      return `${event.unit} is ready (incarnation ${event.incarnation})`;
    case "exited":
      return isRequested(event.exit.cause) ? undefined : `${event.unit} ended: ${event.exit.text}`;
    case "kept":
      return `${event.unit} has connections left: its incarnation ${event.incarnation} goes on beside the new one`;
    case "backoff":
      return `${event.unit} starts again in ${event.delayMs} ms (attempt ${event.attempt})`;
    case "left":
    case "changing":
    case "changed":
    case "stopping":
      return undefined;
    case "gave-up":
      return `${event.unit}: ${event.reason}`;
    case "asked":
      return `${event.by} asked for ${event.what}`;
    case "service-backoff":
      return `${event.service} starts again as a whole in ${event.delayMs} ms (attempt ${event.attempt}): ${event.reason}`;
    case "reloading":
      return `${event.service} is being reloaded: one new process first, beside the old ones`;
    case "reloaded":
      return `${event.service} is reloaded`;
    case "reload-failed":
      return event.reason;
    case "adjusted":
      return `${event.service} has taken over ${event.keys.join(", ")}; no process was replaced`;
    case "certificates-read":
      return `${event.service} has read its certificates again`;
    case "suspended":
      return `${event.service} leaves connections on ${event.listeners.join(", ")} in the kernel's queue`;
    case "resumed":
      return `${event.service} accepts on ${event.listeners.join(", ")} again`;
    case "recycling":
      return `${event.unit} is being ${event.why}`;
    case "recycle-failed":
      return `${event.unit} goes on, its replacement failed: ${event.reason}`;
    case "threads-scaled":
      return `${event.service} has ${event.to} thread${event.to === 1 ? "" : "s"} in each process, and had ${event.from}`;
    case "scaled":
      return `${event.service} has ${event.to} process${event.to === 1 ? "" : "es"}, and had ${event.from}`;
    case "blocked":
      return describeBlocked(event);
    case "unending":
      return `${event.unit} was ended ${event.ms} ms ago and goes on, in native code: its process has to end`;
    case "recovered":
      return `${event.unit} goes on after ${event.ms} ms`;
    case "accept-failed":
      return `${event.unit} could not accept a connection: ${event.reason}`;
  }
}

function describeBlocked({ unit, ms, running, step, frames }: Extract<SupervisorEvent, { type: "blocked" }>): string {
  const where = running ?? (step && `coroutine ${step.task}`);
  const what = `${unit} has blocked its event loop for ${ms} ms${where ? ` in ${where}` : ""}`;
  const stack = frames.length > 0 ? frames.map((frame) => `at ${frame}`) : ["its stack could not be read"];
  return [what, ...stack].join("\n    ");
}

/** How serious it is, for the log. */
export function eventLevel({ type }: SupervisorEvent): Level {
  if (
    type === "exited" ||
    type === "gave-up" ||
    type === "unending" ||
    type === "reload-failed" ||
    type === "recycle-failed" ||
    type === "accept-failed"
  )
    return "error";
  return type === "backoff" || type === "service-backoff" || type === "blocked" ? "warn" : "info";
}
