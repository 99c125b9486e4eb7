// supervisor check, schema and completion: what they print, and how they end.

import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { service, supervisor, temporaryFolder } from "./supervisor-program.ts";

const small = ["-p", "2", "-t", "2", "-c", "100", "-l", "127.0.0.1:0"];

test("check prints the configuration, the arithmetic, the worst case and the time of a stop", async () => {
  const { code, stdout, stderr } = await supervisor(["check", service("echo.ts"), ...small]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(/stop\.drain +20s/);
  expect(stdout).toMatch(/processes +2 +as configured/);
  expect(stdout).toMatch(/connections +400 +4 × 100/);
  expect(stdout).toMatch(/process +40 +2 × 5 in each of 4 lives of a service/);
  expect(stdout).toMatch(/stop +30s/);
});

test("check --json prints the same as data", async () => {
  const { stdout } = await supervisor(["check", service("echo.ts"), ...small, "--json"]);
  const report = JSON.parse(stdout);
  expect(Object.keys(report)).toEqual([
    "name",
    "file",
    "overrides",
    "services",
    "health",
    "logs",
    "readers",
    "host",
    "contradictions",
  ]);
  expect(report).toMatchObject({ name: "echo", file: null, overrides: [], contradictions: [] });
  expect(report.services).toHaveLength(1);
  expect(report.services[0]).toMatchObject({
    config: { entry: service("echo.ts"), stop: { drain: 20_000 } },
    topology: { processes: 2, threads: 2, coroutines: 100 },
    shutdownMs: 30_000,
    worstCaseRestarts: [
      { tier: "thread", restarts: 480 },
      { tier: "process", restarts: 40 },
      { tier: "service", restarts: 3 },
    ],
  });
});

test("check names what this host contradicts, and only --strict makes a failure of it", async () => {
  const folder = temporaryFolder();
  writeFileSync(
    join(folder, "supervisor.config.json"),
    JSON.stringify({
      entry: service("echo.ts"),
      listen: { port: 0, host: "127.0.0.1", backlog: 65_535 },
      topology: { processes: 2, threads: 2, coroutines: 100_000_000 },
    }),
  );
  const loose = await supervisor(["check", "--json"], { cwd: folder });
  expect(loose.code).toBe(0);
  const { contradictions, host } = JSON.parse(loose.stdout);
  const limits = contradictions.map(({ limit }: { limit: string }) => limit);
  expect(limits).toContain("memory");
  expect(limits.includes("somaxconn")).toBe(host.somaxconn !== null && host.somaxconn < 65_535);
  if (host.descriptors !== null) expect(limits).toContain("descriptors");
  const strict = await supervisor(["check", "--strict"], { cwd: folder });
  expect(strict.code).toBe(78);
  expect(strict.stdout).toMatch(/warning: .*memory/);
});

test("check --json keeps a passphrase to itself", async () => {
  const folder = temporaryFolder();
  const tls = { cert: "cert.pem", key: "key.pem", passphrase: "open sesame" };
  for (const file of [tls.cert, tls.key]) writeFileSync(join(folder, file), "");
  const config = { entry: service("echo.ts"), listen: { port: 0, tls } };
  writeFileSync(join(folder, "supervisor.config.json"), JSON.stringify(config));
  const { code, stdout } = await supervisor(["check", "--json"], { cwd: folder });
  expect(code).toBe(0);
  expect(JSON.parse(stdout).services[0].config.listen[0].options.tls.passphrase).toBe("(hidden)");
});

test("check refuses what start would refuse, with the same words", async () => {
  const wrong = ["--listen", "nowhere at all"];
  const [checked, started] = await Promise.all(
    ["check", "start"].map((command) => supervisor([command, service("echo.ts"), ...wrong])),
  );
  expect(checked).toMatchObject({ code: 78, stdout: "", stderr: started?.stderr });
});

test("schema prints a JSON Schema that knows the keys", async () => {
  const { code, stdout } = await supervisor(["schema"]);
  expect(code).toBe(0);
  const schema = JSON.parse(stdout);
  expect(schema).toMatchObject({ $schema: expect.stringContaining("json-schema.org"), title: "Plait configuration" });
  expect(Object.keys(schema.anyOf[0].properties)).toEqual(expect.arrayContaining(["entry", "listen", "topology"]));
});

test("completion completes commands, flags and choices in a real bash", async () => {
  const { code, stdout } = await supervisor(["completion", "bash"]);
  expect(code).toBe(0);
  const complete = (...words: string[]) =>
    execFileSync("bash", [
      "-c",
      `${stdout}\nCOMP_WORDS=(supervisor "$@"); COMP_CWORD=$#; _supervisor; echo "\${COMPREPLY[@]}"`,
      "bash",
      ...words,
    ])
      .toString()
      .trim()
      .split(" ");
  expect(complete("sta")).toEqual(["start", "status"]);
  expect(complete("check", "--str")).toEqual(["--strict"]);
  expect(complete("completion", "f")).toEqual(["fish"]);
});

const installed = (shell: string) => spawnSync(shell, ["--version"]).status === 0;

test.skipIf(!installed("fish"))("completion completes in a real fish", async () => {
  const { stdout } = await supervisor(["completion", "fish"]);
  const ask = `${stdout}\ncomplete -C 'supervisor check --str'`;
  expect(execFileSync("fish", ["--no-config", "-c", ask]).toString()).toMatch(/^--strict\t/);
});

test.skipIf(!installed("zsh"))("completion for zsh is valid zsh", async () => {
  const { stdout } = await supervisor(["completion", "zsh"]);
  expect(spawnSync("zsh", ["-n"], { input: stdout })).toMatchObject({ status: 0 });
});

test("completion of an unknown shell is a mistake", async () => {
  const { code, stderr } = await supervisor(["completion", "tcsh"]);
  expect(code).toBe(64);
  expect(stderr).toMatch(/bash, zsh, fish/);
});

test("--version prints the package's version", async () => {
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
    version: string;
  };
  expect(await supervisor(["--version"])).toMatchObject({ code: 0, stdout: `${version}\n` });
});

test.each(["check", "plan", "schema", "completion"])("%s --help has an example", async (command) => {
  const { code, stdout } = await supervisor([command, "--help"]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/Examples?:\n/);
});
