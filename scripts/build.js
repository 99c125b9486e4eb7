// Builds every package in dependency order through Turborepo's cache. `npm install` runs it (`prepare`), and so does
// every root script, where a second run costs a cache look-up. Plain JavaScript: it runs before anything is built.
import "../apps/supervisor/bin/require-node.js";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const turbo = fileURLToPath(new URL("../node_modules/turbo/bin/turbo", import.meta.url));
const build = spawnSync(process.execPath, [turbo, "run", "build", "--output-logs=errors-only", "--no-color"], {
  cwd: fileURLToPath(new URL("..", import.meta.url)),
  env: { ...process.env, TURBO_TELEMETRY_DISABLED: "1", TURBO_NO_UPDATE_NOTIFIER: "1" },
  encoding: "utf8",
});
if (build.status !== 0) process.stderr.write(`${build.stdout}${build.stderr}${build.error ?? ""}\n`);
process.exitCode = build.status ?? 1;
