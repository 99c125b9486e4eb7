// supervisor start: serves, in the foreground until it is told to stop, or in the background.
import { ControlClient } from "@plait/supervisor/client";
import type { Command } from "commander";
import { type StartFlags, startDeployment } from "../deployment.ts";
import { isDetached, letGo, startDetached } from "../detach.ts";
import { drawTree } from "../draw-status.ts";
import { takesDeployment } from "../flags.ts";
import { hastened } from "../reload-on-change.ts";
import { serve } from "../serve.ts";
import { UsageError } from "../usage-error.ts";

interface Flags extends StartFlags {
  readonly detach?: boolean;
  readonly watch?: boolean;
  readonly json?: boolean;
}

export function defineStart(program: Command): void {
  takesDeployment(program.command("start"))
    .description("serve a module or a configuration in the foreground; Ctrl-C stops it")
    .option("-d, --detach", "serve in the background; the command returns when everything serves")
    .option("-w, --watch", "reload when a file of the service changes, for development")
    .option("--json", "with --detach: print the status as JSON")
    .addHelpText(
      "after",
      "\nExamples:\n  supervisor start echo.ts --processes 2 --threads 2 --listen 127.0.0.1:8080\n  supervisor start --detach && supervisor logs --follow",
    )
    .action(start);
}

async function start(target: string | undefined, { detach, watch = false, json, ...flags }: Flags): Promise<void> {
  if (json && !detach) throw new UsageError('--json goes with --detach; "supervisor status --json" tells what runs');
  const read = async () => {
    const deployment = await startDeployment(target, flags);
    return watch ? hastened(deployment) : deployment;
  };
  if (!detach) return serve({ read, watch });
  if (isDetached()) return serve({ read, watch, onServing: letGo });
  const { name } = await read();
  const outcome = await startDetached();
  if ("code" in outcome) {
    process.stderr.write(outcome.said);
    process.exitCode = outcome.code;
    return;
  }
  using client = await ControlClient.connect(name);
  const status = await client.call("status", {});
  if (json) return console.log(JSON.stringify(status, null, 2));
  console.log(`supervisor ${name}, pid ${outcome.pid}, serves in the background`);
  console.log(`${drawTree(status)}\n\nlogs  supervisor logs --follow --name ${name}\nstop  supervisor stop ${name}`);
}
