// To how many processes or threads a service may be scaled.
import { mostThreads, resolveTopology } from "@plait/config";
import { InvalidArgumentError } from "@plait/coroutine";
import type { SupervisedService } from "./supervised-service.ts";

/** How many there should be, or what makes of how many there are. */
export type ScaleTo = number | ((count: number) => number);

export function processesOf(service: SupervisedService, to: ScaleTo): number {
  const count = countOf(to, service.processes);
  if (count > service.processes) checkMemory(service, count, service.threads);
  return count;
}

/** Threads of each process. */
export function threadsOf(service: SupervisedService, to: ScaleTo): number {
  const count = countOf(to, service.threads, mostThreads);
  if (count > service.threads) checkMemory(service, service.processes, count);
  return count;
}

function countOf(to: ScaleTo, from: number, most = Number.MAX_SAFE_INTEGER): number {
  const count = typeof to === "function" ? to(from) : to;
  if (!(Number.isSafeInteger(count) && count >= 0 && count <= most)) {
    const upTo = most === Number.MAX_SAFE_INTEGER ? "" : ` up to ${most}`;
    throw new InvalidArgumentError(`Can't scale to ${count}. Give a whole number${upTo}.`);
  }
  return count;
}

/** Refuses what a start with these numbers would refuse. */
function checkMemory({ config }: SupervisedService, processes: number, threads: number): void {
  resolveTopology({ ...config.topology, processes, threads });
}
