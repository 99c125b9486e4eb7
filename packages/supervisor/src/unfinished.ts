// Names what a drain has not waited out, just before it is cancelled.
import type { ServiceHost } from "@plait/net";
import type { Unfinished, UnfinishedTask } from "@plait/policy";
import { listTasks } from "@plait/thread/tasks";

/** More than so many are counted only. */
const NAMED = 20;

/** What is still there. It is the unit's last chance to say so: it has a line in the log for each coroutine. */
export function nameUnfinished(host: ServiceHost): Unfinished {
  const left = listTasks(false).filter(({ parent, daemon }) => parent === undefined && !daemon);
  const tasks = left.slice(0, NAMED).map(({ name, waitingOn, waitingMs, at }): UnfinishedTask => {
    const [line = null] = at;
    const peer = host.peerOf(name) ?? null;
    return { task: name, peer, waitingOn: waitingOn ?? null, waitingMs: Math.round(waitingMs), at: line };
  });
  for (const task of tasks) console.error(describeUnfinished(task));
  if (left.length > NAMED) console.error(`and ${left.length - NAMED} more did not end within the drain`);
  return { connections: host.connections, tasks };
}

/** One of them as a sentence. */
function describeUnfinished({ task, peer, waitingOn, waitingMs, at }: UnfinishedTask): string {
  const wait = waitingOn === null ? "runs" : `has waited ${waitingMs} ms for ${waitingOn}`;
  const from = peer === null ? "" : ` from ${peer}`;
  return `${task}${from} did not end within the drain: it ${wait}${at === null ? "" : ` at ${at}`}`;
}
