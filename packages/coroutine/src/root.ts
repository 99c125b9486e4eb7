// The scope that owns what is spawned outside every task: it lives as long as the thread.
import { TaskScope } from "./task-scope.ts";

export const root: TaskScope = new TaskScope(null, { name: "root" });
