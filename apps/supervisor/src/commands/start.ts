// supervisor start: serves in the foreground until it is told to stop.
import cluster from "node:cluster";
import { ControlServer, describeEvent, Supervisor, type SupervisorEvent } from "@plait/supervisor";
import type { Command } from "commander";
import colors from "picocolors";
import { type StartFlags, startDeployment } from "../deployment.ts";
import { drawTree } from "../draw-status.ts";
import { explain } from "../explain.ts";
import { takesDeployment } from "../flags.ts";

export function defineStart(program: Command): void {
  takesDeployment(program.command("start"))
    .description("serve a module or a configuration in the foreground; Ctrl-C stops it")
    .addHelpText("after", "\nExample:\n  supervisor start echo.ts --processes 2 --threads 2 --listen 127.0.0.1:8080")
    .action(start);
}

async function start(target: string | undefined, flags: StartFlags): Promise<void> {
  const deployment = await startDeployment(target, flags);
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
        `${signal}: accepting no more, finishing what is in flight; ${signal === "SIGINT" ? "Ctrl-C" : "send it"} again to hurry`,
      );
      void supervisor.stop();
    }
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, onSignal);
  const change = (signal: NodeJS.Signals, run: (supervisor: Supervisor) => Promise<void>) => {
    process.on(signal, () => {
      // Before everything serves there is nothing to change, and the configuration has just been read.
      if (supervisor) run(supervisor).catch((error: unknown) => log(`${signal}: ${explain(error)}`));
    });
  };
  change("SIGHUP", (serving) => serving.reload());
  change("SIGUSR2", (serving) => serving.reopenLogs());
  change("SIGTTIN", (serving) => serving.scale((processes) => processes + 1));
  change("SIGTTOU", (serving) => serving.scale((processes) => Math.max(1, processes - 1)));

  const onEvent = (event: SupervisorEvent) => {
    const line = describeEvent(event);
    // Until everything serves, the tree that is printed then says it all.
    if (line && supervisor) log(line);
  };
  const started = await Supervisor.start(deployment, { onEvent, reread: () => startDeployment(target, flags) });
  const control = await ControlServer.open(started).catch(async (error: unknown) => {
    started.hurry();
    await started.stop();
    throw error;
  });
  supervisor = started;
  console.log(await welcome(started));
  try {
    await started.ended;
  } finally {
    await control.close();
  }
  log("stopped");
}

const signalExit: Partial<Record<NodeJS.Signals, number>> = { SIGINT: 130, SIGTERM: 143 };

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
