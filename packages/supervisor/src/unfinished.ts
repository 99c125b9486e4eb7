// Names what a drain has not waited out, just before it is cancelled.
import type { TaskInfo } from "@plait/coroutine";
import type { ServiceHost } from "@plait/net";
import type { Unfinished, UnfinishedTask } from "@plait/policy";
import { listTasks } from "@plait/thread/tasks";

/** More than so many are counted only. */
const NAMED = 20;

/** What a unit's host tells of it. */
type Host = Pick<ServiceHost, "connections" | "connectionOf" | "stopping">;

/**
 * What is still there, if anything is that a stop waits for: connections, or the service's own `stop`. It is the unit's last
 * chance to say so: it has a line in the log for each coroutine.
 */
export function nameUnfinished(host: Host): Unfinished | undefined {
  if (host.connections === 0 && !host.stopping) return undefined;
  const all = listTasks(false);
  const left = all.filter(({ parent, daemon }) => parent === undefined && !daemon);
  const tasks = left.slice(0, NAMED).map((task): UnfinishedTask => {
    const { peer = null, ageMs = null } = host.connectionOf(task.name) ?? {};
    return { task: task.name, peer, ageMs, ...waitOf(task, all) };
  });
  for (const task of tasks) console.error(describeUnfinished(task));
  if (left.length > NAMED) console.error(`and ${left.length - NAMED} more did not end within the drain`);
  return { connections: host.connections, tasks };
}

/** What a task waits for in the end: one that joins another waits for what that one waits for. */
function waitOf(task: TaskInfo, all: readonly TaskInfo[]): Pick<UnfinishedTask, "waitingOn" | "waitingMs" | "at"> {
  const joined = /^join of .* \((\d+)\)$/.exec(task.waitingOn ?? "")?.[1];
  const child = joined === undefined ? undefined : all.find(({ id }) => id === Number(joined));
  const { waitingOn = null, waitingMs, at } = task;
  const [line = null] = at;
  if (!child) return { waitingOn, waitingMs, at: line };
  const wait = waitOf(child, all);
  // An async function has no line that could be told; then the one of who waits for it.
  return { ...wait, at: wait.at ?? line };
}

/** One of them as a sentence. */
function describeUnfinished({ task, peer, ageMs, waitingOn, waitingMs, at }: UnfinishedTask): string {
  const wait = waitingOn === null ? "runs" : `has waited ${waitingMs} ms for ${waitingOn}`;
  const age = ageMs === null ? "" : `; its connection is ${ageMs} ms old`;
  const from = peer === null ? "" : ` from ${peer}`;
  return `${task}${from} did not end within the drain: it ${wait}${at === null ? "" : ` at ${at}`}${age}`;
}
