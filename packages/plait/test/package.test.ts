// The package as people import it.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const here = fileURLToPath(new URL(".", import.meta.url));

/** Runs a module's source in a plain Node, and returns what it printed as JSON. */
function run(source: string): unknown {
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", source], {
    cwd: here,
    encoding: "utf8",
  });
  if (stderr) throw new Error(stderr);
  return JSON.parse(stdout);
}

test("importing plait for a service loads neither the supervisor nor the checks of its configuration", () => {
  const source = `
    import { registerHooks } from "node:module";
    const loaded = [];
    registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
    await import("plait");
    console.log(JSON.stringify(loaded));
  `;
  const loaded = run(source) as string[];
  expect(loaded.some((url) => url.includes("packages/coroutine"))).toBe(true);
  expect(
    loaded.filter((url) => /packages\/(supervisor|process)|apps\/|comlink|piscina|zod|commander|yaml/.test(url)),
  ).toEqual([]);
});

test("plait/patch lets a coroutine wait for any promise, and can be undone", () => {
  const source = `
    import { run } from "plait";
    import { unpatch } from "plait/patch";
    const value = await run(function* () { return yield* Promise.resolve(42); });
    unpatch();
    console.log(JSON.stringify([value, Symbol.iterator in Promise.prototype]));
  `;
  expect(run(source)).toEqual([42, false]);
});

test("plait/testing runs an hour in virtual time", () => {
  const source = `
    import { run, sleep } from "plait";
    import { virtualTime } from "plait/testing";
    using time = virtualTime();
    const before = time.now;
    await run(function* () { yield* sleep(3_600_000); });
    console.log(JSON.stringify(time.now - before));
  `;
  expect(run(source)).toBe(3_600_000);
});
