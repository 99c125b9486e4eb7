// supervisor plan: says what a reload would touch and why, without touching it.
import {
  type Deployment,
  diffConfig,
  diffDeployment,
  type KeyChange,
  loadConfig,
  type ServiceChange,
} from "@plait/config";
import type { Command } from "commander";
import { drawPlan } from "../draw-plan.ts";
import { toJson } from "../json.ts";
import { connectTo } from "../running.ts";
import { UsageError } from "../usage-error.ts";

/** The shape of `supervisor plan --json`. */
export interface Plan {
  readonly name: string;
  /** The configuration file that the running one was compared with. */
  readonly file: string;
  /** Keys for all services that differ: they take a restart of the supervisor. */
  readonly keys: readonly KeyChange[];
  readonly changes: readonly ServiceChange[];
}

export function definePlan(program: Command): void {
  program
    .command("plan")
    .description("show what applying the configuration file would touch and why, without touching it")
    .argument("[name]", "the supervisor's name (default: the one of this folder, or the only one that runs)")
    .option("--config <file>", "compare with this file (default: the one that the supervisor was started with)")
    .option("--json", "print the plan as JSON")
    .addHelpText("after", "\nExample:\n  supervisor plan echo --config supervisor.config.ts")
    .action(async (name: string | undefined, { config, json }: { config?: string; json?: boolean }) => {
      using client = await connectTo(name);
      const running = await client.call("configuration", {});
      const file = config ?? fileOf(running);
      const fresh = await loadConfig(file);
      const keys = diffDeployment(running, fresh);
      const plan: Plan = { name: running.name, file, keys, changes: diffConfig(running, fresh) };
      console.log(json ? toJson(plan, 2) : drawPlan(plan));
    });
}

function fileOf({ name, file }: Deployment): string {
  if (file !== undefined) return file;
  throw new UsageError(
    `${name} was started from a module and not from a configuration file; say which file to compare it with: --config <file>`,
  );
}
