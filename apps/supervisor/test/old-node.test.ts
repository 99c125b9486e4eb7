// On a Node that is too old, every program says so in one line. An old Node is played by telling it another version.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../../..", import.meta.url));

test.each([
  "apps/supervisor/bin/supervisor.js",
  "packages/plait/bin/supervisor.js",
  "apps/echo/bin/clients.js",
  "scripts/build.js",
])("%s names the Node it needs and how to get it", (program) => {
  const old = 'Object.defineProperty(process.versions, "node", { value: "20.20.2" })';
  const flags = ["--import", `data:text/javascript,${encodeURIComponent(old)}`];
  const { status, stderr, stdout } = spawnSync(process.execPath, [...flags, program], { cwd: root, encoding: "utf8" });
  expect(status).toBe(1);
  expect(stdout).toBe("");
  expect(stderr).toMatch(/^Plait needs Node \^24\.20 \|\| >=26\.6 and this is Node 20\.20\.2: .*nodejs\.org.*\n$/);
});
