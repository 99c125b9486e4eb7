// What happens to a deployment, as values.
import type { UnitEvent } from "@plait/policy";
import type { BodyEvent, RecycleEvent } from "./body.ts";

/** Something that happened to a service or one of its units, for logs. */
export type SupervisorEvent = (UnitEvent | BodyEvent | RecycleEvent | ServiceEvent) & { readonly service: string };

/** Something that happened to a service as a whole. */
export type ServiceEvent =
  /** Somebody asked for a change; `service` is the deployment's name. */
  | { readonly type: "asked"; readonly what: string; readonly by: string }
  /** Everything is being ended; `service` is the deployment's name. */
  | { readonly type: "stopping" }
  /** Its processes were restarted too often; all of them will be started again. */
  | { readonly type: "service-backoff"; readonly delayMs: number; readonly attempt: number; readonly reason: string }
  /** A reload or a rollback begins, whatever comes of it; `service` is the deployment's name. */
  | { readonly type: "changing" }
  /** It is over; `failure` says why it failed, if it has. */
  | { readonly type: "changed"; readonly failure: string | undefined }
  | { readonly type: "reloading" }
  | { readonly type: "reloaded" }
  | { readonly type: "reload-failed"; readonly reason: string }
  /** A reload changed nothing but keys that hold at once. */
  | { readonly type: "adjusted"; readonly keys: readonly string[] }
  | { readonly type: "suspended" | "resumed"; readonly listeners: readonly string[] }
  | { readonly type: "certificates-read" }
  | { readonly type: "scaled"; readonly from: number; readonly to: number }
  | { readonly type: "threads-scaled"; readonly from: number; readonly to: number };
