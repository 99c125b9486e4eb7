// What the probes answer, from what the supervisor knows without asking anybody.
import type { SupervisorStatus } from "../status.ts";

/** The supervisor's own view: no process is asked, so it is known at once. */
export interface Readiness {
  readonly state: SupervisorStatus["state"];
  readonly services: readonly { readonly name: string; readonly ready: number; readonly processes: number }[];
}

export interface Probe {
  readonly ok: boolean;
  /** For people. */
  readonly text: string;
}

export const probes: Readonly<Record<string, (readiness: Readiness) => Probe>> = {
  /** Restarting the supervisor would help only if it had given up. */
  "/live": ({ state }) => ({ ok: state !== "failed", text: state }),
  /** Whether new connections should be sent here: false from the moment that a stop is asked for. */
  "/ready": ({ state, services }) => {
    const missing = services.filter(({ ready }) => ready === 0);
    if (state !== "serving") return { ok: false, text: state };
    if (missing.length === 0) return { ok: true, text: "ready" };
    return { ok: false, text: missing.map(({ name, processes }) => `${name}: 0 of ${processes} ready`).join("\n") };
  },
  /** Whether everything has served once. */
  "/startup": ({ state }) => ({ ok: state !== "starting", text: state === "starting" ? state : "started" }),
};
