// supervisor plan: says what a reload would touch and why, without touching it.
import { loadConfig } from "@plait/config";
import { type ControlClient, type Plan, planFor } from "@plait/supervisor";
import type { Command } from "commander";
import { drawPlan } from "../draw-plan.ts";
import { toJson } from "../json.ts";
import { connectTo } from "../running.ts";
import { UsageError } from "../usage-error.ts";

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
      const plan = config === undefined ? await planReload(client) : await planFile(client, config);
      console.log(json ? toJson(plan, 2) : drawPlan(plan));
    });
}

/** By the file and the flags that it was started with. */
async function planReload(client: ControlClient): Promise<Plan> {
  const plan = await client.call("plan", {});
  if (plan.file !== null) return plan;
  throw new UsageError(
    `${plan.name} was started from a module and not from a configuration file; say which file to compare it with: --config <file>`,
  );
}

async function planFile(client: ControlClient, file: string): Promise<Plan> {
  return planFor(await client.call("configuration", {}), await loadConfig(file));
}
