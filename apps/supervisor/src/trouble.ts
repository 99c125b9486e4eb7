// What is wrong with a running supervisor, in sentences: what an operator has to see first.
import type { ProcessStatus, ServiceStatus, SupervisorStatus, ThreadStatus } from "@plait/supervisor";
import { showAge } from "./figures.ts";

/** A failure is news for so long, in ms. */
const NEWS = 60_000;

/** One sentence for each thing that is not as it should be; none when all is well. */
export function troubleOf({ state, services }: SupervisorStatus, now: number): string[] {
  const sentences = services.flatMap((service) => {
    const { name, listeners, processes } = service;
    const suspended = listeners.flatMap((each) =>
      each.suspended ? [`${name}/${each.name} is suspended: new connections wait in the kernel's queue`] : [],
    );
    const none = processes.some((each) => each.state === "ready") ? [] : [`${name} has no process that serves`];
    return [
      ...none,
      ...suspended,
      ...processes.flatMap((process) => [...ofProcess(process, now), ...ofThreads(process, now)]),
      ...ofKept(service),
    ];
  });
  return state === "failed" ? ["the supervisor gave up", ...sentences] : sentences;
}

function ofProcess(process: ProcessStatus, now: number): string[] {
  const { unit, full, waiting, next } = process;
  const sentences = ofUnit(process, now);
  if (full) sentences.push(`${unit} is full: new connections are left in the kernel's queue`);
  else if (waiting > 0) sentences.push(`${unit} has ${waiting} connections that wait for a coroutine`);
  if (next) {
    const { incarnation, pid, ready } = next;
    sentences.push(
      `${unit} is being replaced: incarnation ${incarnation} (pid ${pid}) ${ready ? "serves" : "starts"} beside it`,
    );
  }
  return sentences;
}

/** One sentence for each old generation that goes on. */
function ofKept({ name, kept }: ServiceStatus): string[] {
  const generations = [...new Set(kept.map(({ generation }) => generation))].sort((a, b) => a - b);
  return generations.map((generation) => {
    const processes = kept.filter((process) => process.generation === generation);
    const live = processes.reduce((sum, { connections }) => sum + connections, 0);
    const where = processes.map(({ unit, pid }) => `${unit} (pid ${pid})`).join(", ");
    return `${name}: generation ${generation} still serves ${live} connection${live === 1 ? "" : "s"} in ${where}`;
  });
}

function ofThreads({ threads }: ProcessStatus, now: number): string[] {
  return threads.flatMap((thread) => ofUnit(thread, now));
}

function ofUnit({ unit, state, lastFailure, failures }: ProcessStatus | ThreadStatus, now: number): string[] {
  const recent = lastFailure !== null && now - lastFailure.at < NEWS;
  const times = failures > 1 ? ` (${failures} failures)` : "";
  const why = lastFailure === null ? "" : `${lastFailure.text} ${showAge(now - lastFailure.at)} ago${times}`;
  if (state === "ready") return recent ? [`${unit} failed: ${why}`] : [];
  return [why === "" ? `${unit} is ${state}` : `${unit} is ${state}: ${why}`];
}
