// Starts whoever serves a service: processes of its own, or the supervisor's own process.
import type { OutputStream } from "@plait/process";
import type { BodyEvent } from "./body.ts";
import type { InProcess } from "./in-process.ts";
import { InProcesses } from "./in-processes.ts";
import { planOf, setupsOf } from "./service-plan.ts";
import type { ServiceRestarts } from "./service-restarts.ts";
import type { ServiceSockets } from "./service-sockets.ts";
import type { SupervisedServiceOptions } from "./supervised-service.ts";

/** Resolves when all of it serves; the sockets stay the caller's. */
export async function startServing(
  options: SupervisedServiceOptions,
  sockets: ServiceSockets,
  restarts: ServiceRestarts,
): Promise<InProcess | InProcesses> {
  const { config, topology, names, onEvent, onOutput, onGaveUp } = options;
  const onTold = (unit: string, incarnation: number, event: BodyEvent) => onEvent(event, { unit, incarnation });
  const listeners = setupsOf(config, topology, sockets, new Set());
  const plan = planOf(config, topology, sockets, listeners);
  if (topology.processes === 0) {
    const unit = names.claim();
    const onLine = (stream: OutputStream, line: string) => onOutput({ unit, incarnation: 1 }, stream, line);
    // Loaded when it is asked for: with processes the supervisor runs none of the code that serves.
    const { InProcess } = await import("./in-process.ts");
    return InProcess.start({ ...plan, unit, onTold, onLine, onGaveUp });
  }
  return InProcesses.start({
    ...plan,
    units: Array.from({ length: topology.processes }, () => names.claim()),
    restart: config.restart.process,
    onTold,
    onOutput: (unit, incarnation, stream, line) => onOutput({ unit, incarnation }, stream, line),
    onEvent: (event) => {
      onEvent(event, { unit: event.unit, incarnation: "incarnation" in event ? event.incarnation : 0 });
      if (event.type === "ready") restarts.serves();
      if (event.type === "gave-up") restarts.failed(event.reason);
    },
  });
}
