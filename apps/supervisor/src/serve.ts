// Serves a deployment in this program until it is told to stop.
import cluster from "node:cluster";
import { setTimeout as sleep } from "node:timers/promises";
import type { Deployment } from "@plait/config";
import { ControlServer, describeEvent, ProcessesFile, Supervisor, type SupervisorEvent } from "@plait/supervisor";
import { colors } from "./colors.ts";
import { drawTree } from "./draw-status.ts";
import { explain } from "./explain.ts";
import { reloadOnChange } from "./reload-on-change.ts";
import { ServiceManager } from "./service-manager.ts";

export interface ServeOptions {
  /** Reads the deployment, at the start and for each reload. */
  readonly read: () => Promise<Deployment>;
  /** Whether to reload when files change. */
  readonly watch: boolean;
  /** Called when everything serves. Default: the tree is printed. */
  readonly onServing?: () => void;
}

/**
 * Serves, and obeys the signals and the control socket. Resolves when everything has ended.
 *
 * @throws whatever kept the deployment from starting, or {@link GaveUpError}
 */
export async function serve({ read, watch, onServing }: ServeOptions): Promise<void> {
  const deployment = await read();
  await ControlServer.checkFree(deployment.name);
  // Whatever ends this program ends its processes too, also the ones that are too busy to notice that it is gone.
  process.on("exit", killProcesses);

  // Go on serving when nobody reads the log any more.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});

  let supervisor: Supervisor | undefined;
  const onSignal = (signal: NodeJS.Signals) => {
    if (!supervisor) process.exit(signalExit[signal]);
    // The terminal has just echoed ^C.
    if (signal === "SIGINT" && process.stderr.isTTY) process.stderr.write("\n");
    if (supervisor.stopping) {
      log(`${signal} again: giving up what is in flight`);
      supervisor.hurry();
    } else {
      log(
        `${signal}: stopping, finishing what is in flight; ${signal === "SIGINT" ? "Ctrl-C" : "send it"} again to hurry`,
      );
      supervisor.noteRequest("stop", signal);
      void supervisor.stop();
    }
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, onSignal);
  process.on("SIGQUIT", () => {
    if (!supervisor) process.exit(signalExit.SIGQUIT);
    log("SIGQUIT: this is what everything does; it stops at once");
    supervisor.noteRequest("quick stop", "SIGQUIT");
    void quit(supervisor);
  });
  const change = (signal: NodeJS.Signals, what: string, run: (supervisor: Supervisor) => Promise<unknown>) => {
    process.on(signal, () => {
      // Before everything serves there is nothing to change, and the configuration has just been read.
      supervisor?.noteRequest(what, signal);
      if (supervisor) run(supervisor).catch((error: unknown) => log(`${signal}: ${explain(error)}`));
    });
  };
  change("SIGHUP", "reload", (serving) => serving.reload());
  change("SIGUSR2", "reopen-logs", (serving) => serving.reopenLogs());
  change("SIGTTIN", "one process more", (serving) => serving.scale((processes) => processes + 1));
  change("SIGTTOU", "one process less", (serving) => serving.scale((processes) => Math.max(1, processes - 1)));

  const manager = ServiceManager.fromEnvironment(log);
  const onEvent = (event: SupervisorEvent) => {
    if (event.type === "changing") manager?.reloading();
    if (event.type === "changed") manager?.ready(event.failure ? `serving; not reloaded: ${event.failure}` : "serving");
    if (event.type === "stopping") manager?.stopping();
    const line = describeEvent(event);
    // Until everything serves, the tree that is printed then says it all.
    if (line && supervisor) log(line);
  };
  const processes = await ProcessesFile.open(deployment.name, log);
  process.on("exit", () => processes?.close());
  for (const pid of processes?.ended ?? [])
    log(`ended process ${pid}, which a killed supervisor of this name had left`);
  const started = await Supervisor.start(deployment, { onEvent, reread: read });
  const control = await ControlServer.open(started).catch(async (error: unknown) => {
    started.hurry();
    await started.stop();
    throw error;
  });
  supervisor = started;
  using _ = watch ? reloadOnChange(started, log) : undefined;
  manager?.ready("serving");
  if (onServing) onServing();
  else console.log(await welcome(started));
  try {
    await started.ended;
  } finally {
    await control.close();
    await manager?.close();
  }
  log("stopped");
}

const signalExit: Partial<Record<NodeJS.Signals, number>> = { SIGINT: 130, SIGQUIT: 131, SIGTERM: 143 };

/** How long a quick stop waits for units to tell what they are doing, in ms; those that are stuck take their time. */
const DUMP_MS = 5_000;

/** Says what every unit is doing, gives up what is in flight, and stops. */
async function quit(supervisor: Supervisor): Promise<void> {
  try {
    const { drawDump } = await import("./draw-dump.ts");
    const late = sleep(DUMP_MS, undefined, { ref: false });
    const services = await Promise.race([supervisor.dump(), late]);
    process.stderr.write(services ? `${drawDump(services)}\n` : "Not every unit tells what it is doing.\n");
  } catch (error) {
    log(`SIGQUIT: ${explain(error)}`);
  }
  supervisor.hurry();
  await supervisor.stop();
}

function killProcesses(): void {
  for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill("SIGKILL");
}

async function welcome(supervisor: Supervisor): Promise<string> {
  const status = await supervisor.status();
  const tree = drawTree(status);
  const [, host, port] = /^(.*):(\d+)$/.exec(supervisor.listeners[0]?.address ?? "") ?? [];
  const reachable = host === "0.0.0.0" || host === "[::]" ? "127.0.0.1" : host?.replace(/[[\]]/g, "");
  const hint = port ? `\n\ntry   printf hello | nc -q1 ${reachable} ${port}` : "\n";
  return `${colors.dim(`supervisor ${status.name}, pid ${status.pid}, node ${status.node}`)}\n${tree}${hint}\nstop  Ctrl-C`;
}

function log(line: string): void {
  process.stderr.write(`${colors.dim(new Date().toTimeString().slice(0, 8))} ${line}\n`);
}
