// supervisor init: a folder becomes a project that serves at once, and nothing that was there is lost.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { expect, onTestFinished, test } from "vitest";
import { askChoices, InitCancelledError } from "../src/init/ask.ts";
import { projectName } from "../src/init/project.ts";
import { bin, Client, here, RunningSupervisor, supervisor, temporaryFolder } from "./supervisor-program.ts";

/** A folder inside the repository, from where `plait` can be imported. */
function folderWithPlait(): string {
  const folder = mkdtempSync(join(here, ".project-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test.each(["generator", "async"])("init --style %s writes a project that serves at once", async (style) => {
  const folder = folderWithPlait();
  const flags = ["--style", style, "--listen", "127.0.0.1:0", "--json"];
  const init = await supervisor(["init", "my shop", ...flags], { cwd: folder });
  expect(init).toMatchObject({ code: 0, stderr: "" });
  expect(JSON.parse(init.stdout)).toEqual({
    folder: join(folder, "my shop"),
    name: "my-shop",
    written: ["service.ts", "supervisor.config.ts", "package.json"],
    kept: [],
  });
  const running = await RunningSupervisor.start(["-p", "1", "-t", "1"], { cwd: join(folder, "my shop") });
  expect(await (await Client.connect(running.port)).ask("hello")).toBe("HELLO");
  expect((await running.status()).name).toBe("my-shop");
});

test("init without flags takes the defaults where nobody can be asked, and says what comes next", async () => {
  const folder = temporaryFolder();
  const { code, stdout } = await supervisor(["init", "shop"], { cwd: folder });
  expect(code).toBe(0);
  expect(stdout).toContain("wrote shop/service.ts\nwrote shop/supervisor.config.ts\nwrote shop/package.json\n");
  expect(stdout).toContain("cd shop\n  npm install\n  npx supervisor start");
  expect(JSON.parse(readFileSync(join(folder, "shop/package.json"), "utf8"))).toMatchObject({
    name: "shop",
    type: "module",
    scripts: { start: "supervisor start" },
    dependencies: { plait: expect.stringMatching(/^\^\d/) },
  });
});

test("init overwrites nothing without --force, and a package.json never", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "service.ts"), "// mine\n");
  writeFileSync(join(folder, "package.json"), "{}\n");
  const refused = await supervisor(["init", "--yes"], { cwd: folder });
  expect(refused).toMatchObject({
    code: 73,
    stdout: "",
    stderr: expect.stringMatching(/service\.ts already.*--force/),
  });
  expect(readdirSync(folder).sort()).toEqual(["package.json", "service.ts"]);
  expect(readFileSync(join(folder, "service.ts"), "utf8")).toBe("// mine\n");

  const forced = await supervisor(["init", "--yes", "--force"], { cwd: folder });
  expect(forced).toMatchObject({ code: 0, stdout: expect.stringContaining("kept package.json") });
  expect(readFileSync(join(folder, "service.ts"), "utf8")).toContain("defineService");
  expect(readFileSync(join(folder, "package.json"), "utf8")).toBe("{}\n");
});

test("init where it can't write is a mistake, not a crash", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "file"), "");
  const exit = await supervisor(["init", "file/shop"], { cwd: folder });
  expect(exit).toMatchObject({ code: 73, stdout: "", stderr: expect.stringMatching(/^supervisor: .*ENOTDIR/) });
  expect(exit.stderr).not.toMatch(/\n\s+at /);
  const style = await supervisor(["init", "--style", "callbacks"], { cwd: folder });
  expect(style).toMatchObject({ code: 64, stderr: expect.stringContaining("generator, async") });
  const listen = await supervisor(["init", "--listen", "port 80"], { cwd: folder });
  expect(listen).toMatchObject({ code: 64, stderr: expect.stringContaining("127.0.0.1:8080") });
});

const defaults = { style: "generator", listen: "127.0.0.1:8080" } as const;

test("questions are asked for what no flag said, and again when the answer can't be used", async () => {
  const terminal = { input: new PassThrough(), output: new PassThrough() };
  let shown = "";
  terminal.output.on("data", (chunk) => {
    shown += chunk;
  });
  const choices = askChoices({}, defaults, terminal);
  terminal.input.write("callbacks\nasync\n\n");
  expect(await choices).toEqual({ style: "async", listen: "127.0.0.1:8080" });
  expect(shown.match(/Style|Address/g)).toEqual(["Style", "Style", "Address"]);
  const given = { style: "async", listen: ":1" } as const;
  expect(await askChoices(given, defaults, terminal)).toEqual(given);
});

test("the end of the input ends the questions", async () => {
  const terminal = { input: new PassThrough(), output: new PassThrough() };
  const choices = askChoices({}, defaults, terminal);
  terminal.input.end();
  await expect(choices).rejects.toThrow(InitCancelledError);
});

const hasScript = process.platform === "linux" && spawnSync("script", ["--version"]).status === 0;

test.skipIf(!hasScript)("on a terminal init asks, and Ctrl-D leaves nothing behind", () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "cwd"));
  const type = (input: string) => {
    const command = `"${process.execPath}" "${bin}" init ../shop`;
    return spawnSync("script", ["--quiet", "--return", "--command", command, "/dev/null"], {
      cwd: join(folder, "cwd"),
      input,
      encoding: "utf8",
    });
  };
  expect(type("\u0004").status).toBe(130);
  expect(readdirSync(folder)).toEqual(["cwd"]);
  const { status, stdout } = type("async\n:0\n");
  expect({ status, stdout }).toMatchObject({ status: 0, stdout: expect.stringContaining("Address to listen on?") });
  expect(readFileSync(join(folder, "shop/supervisor.config.ts"), "utf8")).toContain('listen: ":0"');
});

test("a project's name is right for npm and for the configuration, whatever the folder is called", () => {
  expect(["/a/My Shop", "/a/42nd_street/", "/", "/a/ümlaut!"].map(projectName)).toEqual([
    "my-shop",
    "nd_street",
    "service",
    "mlaut",
  ]);
});
