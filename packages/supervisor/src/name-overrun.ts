// Names what a drain has not waited out, just before it is cancelled.
import type { ServiceHost } from "@plait/net";
import { listTasks } from "@plait/thread/inspect";

/** More than so many are counted only. */
const NAMED = 20;

/** Writes a line for each coroutine that is still there, on standard error: `supervisor logs` and `why` have it. */
export function nameOverrun(host: ServiceHost): void {
  const left = listTasks(false).filter(({ parent, daemon }) => parent === undefined && !daemon);
  for (const { name, waitingOn, waitingMs, at } of left.slice(0, NAMED)) {
    const wait = waitingOn === undefined ? "runs" : `has waited ${Math.round(waitingMs)} ms for ${waitingOn}`;
    const peer = host.peerOf(name);
    console.error(
      `${name}${peer === undefined ? "" : ` from ${peer}`} did not end within the drain: it ${wait}${at[0] ? ` at ${at[0]}` : ""}`,
    );
  }
  if (left.length > NAMED) console.error(`and ${left.length - NAMED} more did not end within the drain`);
}
