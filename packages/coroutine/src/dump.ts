// The tree of tasks as text.
import { type TaskInfo, type TasksOptions, tasks } from "./tasks.ts";

/**
 * The tasks of this thread as a tree: who owns whom, what each waits on, for how long and at which line. Costs nothing
 * until it is called; then about a millisecond for every ten tasks with `locations`.
 *
 * @example
 * process.on("SIGUSR2", () => console.error(dump()));
 */
export function dump(options: TasksOptions = {}): string {
  const all = tasks({ locations: true, ...options });
  return [`${all.length} tasks`, ...drawTasks(all).map((line) => `  ${line}`)].join("\n");
}

/** The lines of {@link dump} for tasks that were listed before, perhaps in another thread. */
export function drawTasks(all: readonly TaskInfo[]): string[] {
  const children = Map.groupBy(all, (task) => task.parent);
  const lines: string[] = [];
  const stack = (children.get(undefined) ?? []).map((task) => ({ task, depth: 0 })).reverse();
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { task, depth } = next;
    lines.push(...linesOf(task).map((line) => "  ".repeat(depth) + line));
    const below = children.get(task.id) ?? [];
    for (const child of below.toReversed()) stack.push({ task: child, depth: depth + 1 });
  }
  return lines;
}

function linesOf(task: TaskInfo): string[] {
  const wait = task.waitingOn === undefined ? "" : ` on ${task.waitingOn} for ${task.waitingMs} ms`;
  const lines = [`${task.name} (${task.id})${task.daemon ? " daemon" : ""}: ${task.state}${wait}`];
  for (const line of task.at) lines.push(`  at ${line}`);
  if (task.spawnedAt !== undefined) lines.push(`  spawned at ${task.spawnedAt}`);
  for (const [name, value] of Object.entries(task.locals ?? {})) lines.push(`  ${name} = ${value}`);
  return lines;
}
