// The coroutines of the calling thread, for whoever wants to see them from outside.
import { type TaskInfo, tasks } from "@plait/coroutine";

/** Finding the lines of so many takes some hundred ms, in which the thread does nothing else: past it they are left out. */
const MOST_LOCATED = 2_000;

/**
 * Every coroutine of this thread, owners before what they own, each with its line unless there are very many.
 *
 * @param locals whether to read their variables as well, which may hold secrets
 */
export function listTasks(locals: boolean): readonly TaskInfo[] {
  const all = tasks();
  return all.length > MOST_LOCATED ? all : tasks({ locations: true, locals });
}
