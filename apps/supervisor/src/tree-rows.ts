// A supervisor's status as rows: services, their processes, and the threads of those.
import type { ProcessStatus, ServiceStatus, SupervisorStatus, ThreadStatus } from "@plait/supervisor";

/** One line of the tree. */
export type TreeRow = {
  /** As it is addressed: `"echo"`, `"p2"` or `"p2.t1"`. */
  readonly id: string;
  /** What is drawn before it: `"│  └─ "`. */
  readonly branch: string;
} & (
  | { readonly tier: "service"; readonly status: ServiceStatus }
  | { readonly tier: "process"; readonly status: ProcessStatus }
  | { readonly tier: "thread"; readonly status: ThreadStatus }
);

/** Puts the units below one parent in order. */
export type Order = <U extends ProcessStatus | ThreadStatus>(units: readonly U[]) => readonly U[];

/** The rows from top to bottom; without an order, as they are. */
export function treeRows({ services }: SupervisorStatus, order: Order = (units) => units): TreeRow[] {
  return services.flatMap((service): TreeRow[] => [
    { id: service.name, branch: "", tier: "service", status: service },
    ...order(service.processes).flatMap((process, at, processes): TreeRow[] => {
      const isLast = at === processes.length - 1;
      const below = isLast ? "   " : "│  ";
      return [
        { id: process.unit, branch: isLast ? "└─ " : "├─ ", tier: "process", status: process },
        ...order(process.threads).map((thread, at, threads): TreeRow => {
          const branch = `${below}${at === threads.length - 1 ? "└─ " : "├─ "}`;
          return { id: thread.unit, branch, tier: "thread", status: thread };
        }),
      ];
    }),
  ]);
}
