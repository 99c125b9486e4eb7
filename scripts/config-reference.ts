// Writes docs/reference/config.md from the schema; with --check, fails if the file is not what it would write.
import { readFileSync, writeFileSync } from "node:fs";
import { type ConfigKey, configKeys, deploymentKeys, listenerKeys } from "@plait/config";

const file = new URL("../docs/reference/config.md", import.meta.url);
const shown = "docs/reference/config.md";
const page = `# Configuration

<!-- Written by scripts/config-reference.ts from the schema in packages/config. Change it there. -->

A configuration is \`supervisor.config.ts\`, \`.js\`, \`.mjs\`, \`.json\`, \`.yaml\` or \`.yml\`, or an object that a program passes. With one
service, its keys stand at the top level:

\`\`\`ts
export default defineConfig({
  entry: "./echo.ts",
  listen: "127.0.0.1:8080",
  topology: { processes: 2, threads: 2 },
});
\`\`\`

With several, they stand under their names in \`services\`, next to an optional \`name\` of the deployment. An unknown key is an
error. \`$schema\` is for editors and is ignored.

**Durations** are \`"500ms"\`, \`"30s"\`, \`"1.5m"\`, \`"2h"\`, \`"1d"\`, or a number of milliseconds.

**A change** of a key is applied \`live\` (nothing is replaced), by a \`roll\` (processes are replaced one by one, new before
old), or by a \`restart\` of the service. \`topology.processes\` to or from 0 is always a restart.

**Environment**: \`PLAIT_<SERVICE>__<KEY>__<KEY>=value\` overrides a key of a service: \`PLAIT_ECHO__TOPOLOGY__PROCESSES=4\` sets
\`topology.processes\` of \`echo\`. Names are compared without regard to case, \`-\` and \`_\`, so \`healthyAfter\` is \`HEALTHY_AFTER\`.
The value is read as JSON where it is JSON, else as text. A variable for a key that does not exist is an error; one that names
none of the services is left alone. The environment wins over the file, and a flag of the command line over both.

## Keys of a service

${configKeys().map(entry).join("\n")}
## Keys of a deployment

They stand at the top level, next to the keys of the only service or to \`services\`. A change of them takes a restart of the
supervisor.

${deploymentKeys().map(entry).join("\n")}
## Keys of a listener

A listener written as an object has \`port\` (TCP), \`path\` (unix socket) or \`inherit\` (a socket that systemd passed).

${listenerKeys().map(entry).join("\n")}`;

if (process.argv.includes("--check")) {
  if (readFileSync(file, "utf8") !== page) {
    console.error(`${shown} is not current; run: node scripts/config-reference.ts`);
    process.exitCode = 1;
  }
} else {
  writeFileSync(file, page);
}

function entry({ key, description, expects, example, byDefault, apply }: ConfigKey): string {
  const facts = [`- Write: ${expects}. Example: \`${JSON.stringify(example)}\`.`];
  if (byDefault !== undefined && !isObject(byDefault)) facts.push(`- **Default:** \`${JSON.stringify(byDefault)}\`.`);
  if (key === "entry") facts.push("- Required.");
  return `### \`${key}\`\n\n${description}\n\n${facts.join("\n")}\n- A change is applied: \`${apply}\`.\n`;
}

function isObject(value: unknown): boolean {
  return typeof value === "object";
}
