// supervisor check: validates a deployment, and says what it comes to on this host.
import type { Command } from "commander";
import { checkDeployment } from "../check-report.ts";
import { type StartFlags, startDeployment } from "../deployment.ts";
import { drawCheck } from "../draw-check.ts";
import { exitCodes } from "../exit-codes.ts";
import { takesDeployment } from "../flags.ts";
import { toJson } from "../json.ts";

interface CheckFlags extends StartFlags {
  readonly json?: boolean;
  readonly strict?: boolean;
}

export function defineCheck(program: Command): void {
  takesDeployment(program.command("check"))
    .description("validate a deployment, and print what it comes to on this host")
    .option("--json", "print the report as JSON")
    .option("--strict", `end with ${exitCodes.config} also when only the host contradicts it`)
    .addHelpText("after", "\nExample:\n  supervisor check supervisor.config.ts --strict")
    .action(async (target: string | undefined, { json, strict, ...flags }: CheckFlags) => {
      const report = checkDeployment(await startDeployment(target, flags));
      console.log(json ? toJson(report, 2) : drawCheck(report));
      if (strict && report.contradictions.length > 0) process.exitCode = exitCodes.config;
    });
}
