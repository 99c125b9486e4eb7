// supervisor init: writes a service, a configuration and a package.json that run at once.
import { relative } from "node:path";
import { Argument, type Command, InvalidArgumentError, Option } from "commander";
import { askChoices, isAddress } from "../init/ask.ts";
import { type ProjectChoices, type Style, styles } from "../init/project.ts";
import { type WrittenProject, writeProject } from "../init/write-project.ts";
import { ownVersion } from "../own-file.ts";

interface InitFlags extends Partial<ProjectChoices> {
  readonly yes?: boolean;
  readonly force?: boolean;
  readonly json?: boolean;
}

const defaults: ProjectChoices = { style: "generator", listen: "127.0.0.1:8080" };

export function defineInit(program: Command): void {
  program
    .command("init")
    .description("write a service, a configuration and a package.json that run at once")
    .addArgument(new Argument("[folder]", "where to write them; made when it is not there").default(".", "this folder"))
    .addOption(new Option("--style <style>", "how the service is written").choices(styles))
    .option("-l, --listen <address>", "host:port, :port, or the path of a unix socket", address)
    .option("-y, --yes", "ask nothing: take the defaults for what no flag says")
    .option("--force", "overwrite a service and a configuration that are there")
    .option("--json", "ask nothing, and print what was written as JSON")
    .addHelpText("after", "\nExample:\n  supervisor init shop --style async")
    .action(init);
}

async function init(folder: string, { yes, force = false, json, ...given }: InitFlags): Promise<void> {
  const terminal = process.stdin.isTTY && process.stdout.isTTY && !yes && !json;
  const choices = terminal
    ? await askChoices(given, defaults, { input: process.stdin, output: process.stdout })
    : { ...defaults, ...given };
  const project = writeProject(folder, { ...choices, force, version: ownVersion() });
  console.log(json ? JSON.stringify(project, null, 2) : describe(project, choices.style));
}

function describe({ folder, written, kept }: WrittenProject, style: Style): string {
  const path = relative(process.cwd(), folder);
  const lines = written.map((name) => `wrote ${path === "" ? name : `${path}/${name}`}`);
  if (kept.length > 0) {
    lines.push('kept package.json: it needs "type": "module", and plait among its dependencies');
  }
  lines.push("", `The service answers in upper case (${style}). Next:`);
  if (path !== "") lines.push(`  cd ${path}`);
  return [...lines, "  npm install", "  npx supervisor start"].join("\n");
}

function address(text: string): string {
  if (!isAddress(text)) throw new InvalidArgumentError('Write for example "127.0.0.1:8080", ":8080" or "./shop.sock".');
  return text;
}
