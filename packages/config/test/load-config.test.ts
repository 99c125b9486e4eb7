// Finding and reading files: every format, every way a file can be broken.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ConfigError, type Deployment, findConfig, loadConfig } from "../src/index.ts";
import { folderWith } from "./folder.ts";
import { loadInNode } from "./plain-node.ts";

const env = {};

function load(path: string): Deployment {
  const [result] = loadInNode(path);
  if (!result || "message" in result) throw new Error(result?.message);
  return result.deployment;
}

function complaint(folder: string): string {
  const [result] = loadInNode(folder);
  if (!result || "deployment" in result) throw new Error("this configuration was accepted");
  expect(result.message).not.toContain("\n");
  return result.message.replaceAll(`${folder}/`, "");
}

test.each([
  ["ts", 'const queue: number = 7;\nexport default { entry: "./echo.ts", queue };'],
  ["js", 'export default { entry: "./echo.ts", queue: 7 };'],
  ["mjs", 'export default { entry: "./echo.ts", queue: 7 };'],
  ["json", '{ "$schema": "./schema.json", "entry": "./echo.ts", "queue": 7 }'],
  ["yaml", "entry: ./echo.ts\nqueue: 7\n"],
  ["yml", "services:\n  echo: { entry: ./echo.ts, queue: 7 }\n"],
])("a folder's supervisor.config.%s is found and read", (extension, content) => {
  const folder = folderWith({ "echo.ts": "", [`supervisor.config.${extension}`]: content });
  const deployment = load(folder);
  expect(deployment.file).toBe(join(folder, `supervisor.config.${extension}`));
  expect(deployment.services[0]).toMatchObject({ entry: join(folder, "echo.ts"), queue: 7 });
});

test("a file of any name can be given", () => {
  const folder = folderWith({ "echo.ts": "", "staging.json": '{ "entry": "./echo.ts" }' });
  expect(load(join(folder, "staging.json")).name).toBe("echo");
});

test.each(["js", "ts", "json"])("a changed .%s file is read anew", (extension) => {
  const content = (queue: number) => {
    const object = `{ "entry": "./echo.ts", "queue": ${queue} }`;
    return extension === "json" ? object : `export default ${object};`;
  };
  const folder = folderWith({ "echo.ts": "" });
  const results = loadInNode(join(folder, `supervisor.config.${extension}`), [content(1), content(2)]);
  expect(results).toMatchObject([1, 2].map((queue) => ({ deployment: { services: [{ queue }] } })));
});

test("the environment is that of the process unless another is given", async () => {
  const folder = folderWith({ "echo.ts": "", "supervisor.config.json": '{ "entry": "./echo.ts" }' });
  process.env.PLAIT_ECHO__QUEUE = "3";
  try {
    expect((await loadConfig(folder)).services[0]?.queue).toBe(3);
    expect((await loadConfig(folder, { env })).services[0]?.queue).toBe(0);
  } finally {
    delete process.env.PLAIT_ECHO__QUEUE;
  }
});

test.each<[string, string, string]>([
  ["ts", "export default {\n  queue: 7,\n  entry: :\n};", "supervisor.config.ts:3: Syntax error: "],
  [
    "js",
    "export default {\n  queue: 7,\n  entry: :\n};",
    "supervisor.config.js:3: Syntax error: Unexpected token ':'.",
  ],
  ["json", '{\n  "entry": ,\n}', "supervisor.config.json: Syntax error: "],
  ["yaml", "entry: [\nqueue: }", "supervisor.config.yaml: Syntax error: "],
  ["js", "\nthrow new TypeError('no database');", "supervisor.config.js:2: TypeError while it was read: no database."],
  [
    "js",
    "export const entry = 1;",
    "supervisor.config.js: It has no default export; write: export default defineConfig({ … }).",
  ],
  ["js", "import './gone.js'; export default {};", "supervisor.config.js: Error while it was read: Cannot find module"],
  [
    "json",
    "null",
    'supervisor.config.json: The configuration is null; write an object, for example { "entry": "./echo.ts" }.',
  ],
  ["yaml", "", "supervisor.config.yaml: The configuration is null"],
  ["yaml", "a: 1\na: 2", "supervisor.config.yaml: Syntax error: Map keys must be unique"],
])("a broken .%s file is told apart: %j", (extension, content, message) => {
  const folder = folderWith({ "echo.ts": "", [`supervisor.config.${extension}`]: content });
  expect(complaint(folder)).toContain(message);
});

test("a folder without a configuration, with two, a missing file and an odd one are refused", async () => {
  expect(complaint(folderWith({}))).toMatch(/There is no configuration in .*; write a supervisor\.config\.ts/);
  const two = folderWith({ "supervisor.config.json": "{}", "supervisor.config.yaml": "" });
  expect(() => findConfig(two)).toThrow("holds supervisor.config.json and supervisor.config.yaml; keep one of them.");
  expect(() => findConfig(join(two, "gone.ts"))).toThrow("gone.ts: There is no such file");
  expect(() => findConfig("x".repeat(5_000))).toThrow("It can't be read (ENAMETOOLONG).");
  const odd = folderWith({ "plait.toml": "" });
  await expect(loadConfig(join(odd, "plait.toml"))).rejects.toThrow("and this is .toml");
});

test("whatever a file holds, it is accepted or refused in one paragraph", async () => {
  const yaml = fc.string({ unit: fc.constantFrom(..."entry: {}[]&*!|>-\n #?,%@`'\"", "  "), maxLength: 60 });
  const folder = folderWith({ "echo.ts": "" });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom("json", "yaml"),
      fc.oneof(fc.string(), yaml, fc.json()),
      async (extension, content) => {
        const file = join(folder, `any.${extension}`);
        writeFileSync(file, content);
        const error: unknown = await loadConfig(file, { env }).catch((error: unknown) => error);
        if (!(error instanceof Error)) return;
        expect(error).toBeInstanceOf(ConfigError);
        expect(error.message).not.toContain("\n");
      },
    ),
    { numRuns: 300 },
  );
});
