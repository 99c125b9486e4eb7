// A reload is taken back: configuration, and code that still lies where it was loaded from.
import { mkdirSync, renameSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { connecting } from "./connecting.ts";
import { Client, type RunningSupervisor } from "./supervisor-program.ts";
import { VersionedService } from "./versions.ts";

/** Puts the version that was deployed last into a release of its own, and points `current` to it. */
function release(deployed: VersionedService, name: string): void {
  mkdirSync(join(deployed.folder, name));
  renameSync(join(deployed.folder, "versioned.mjs"), join(deployed.folder, name, "versioned.mjs"));
  symlinkSync(name, join(deployed.folder, "next"));
  renameSync(join(deployed.folder, "next"), join(deployed.folder, "current"));
}

async function version(running: RunningSupervisor): Promise<string | undefined> {
  const client = await Client.connect(running.port);
  const [version] = (await client.ask("who", "line")).split(" ");
  client.socket.end();
  await client.closed;
  return version;
}

test.concurrent("rollback brings back the configuration and the release of before the reload, and loses nothing", async ({
  onTestFinished,
}) => {
  const config = { entry: "./current/versioned.mjs", topology: { processes: 1, threads: 0 } };
  const deployed = new VersionedService(config, onTestFinished);
  release(deployed, "release-1");
  const running = await deployed.running;
  expect((await deployed.command("rollback", "versioned")).stderr).toMatch(/nothing to roll back to: no reload/);

  deployed.deploy("2");
  release(deployed, "release-2");
  const stop = connecting(running.port);
  // What the link points to counts from the next reload on, also for a process that is restarted.
  expect(await deployed.command("restart", "p1")).toMatchObject({ code: 0 });
  expect(await version(running)).toBe("1");
  deployed.configure({ ...config, topology: { processes: 2, threads: 0 } });
  expect(await deployed.command("reload", "versioned")).toMatchObject({ code: 0 });
  expect(await version(running)).toBe("2");

  const { code, stdout } = await deployed.command("rollback", "versioned");
  expect({ code, stdout }).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/runs .*release-1\/versioned\.mjs/),
  });
  expect(await running.processes()).toHaveLength(1);
  expect(await version(running)).toBe("1");
  expect(await stop()).toMatchObject({ reset: 0, refused: 0 });
});

test.concurrent("code that was overwritten in place is not claimed to be brought back", async ({ onTestFinished }) => {
  const deployed = new VersionedService({ topology: { processes: 1, threads: 0 } }, onTestFinished);
  await deployed.running;
  deployed.deploy("2");
  expect(await deployed.command("reload", "versioned")).toMatchObject({ code: 0 });
  expect(await deployed.command("rollback", "versioned")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("put the old files back and reload"),
  });
});

test.concurrent("a rollback takes a reload back that failed half-way, and not the one before it", async ({
  onTestFinished,
}) => {
  const topology = { processes: 2, threads: 0 };
  const deployed = new VersionedService({ entry: "./current/versioned.mjs", topology }, onTestFinished);
  release(deployed, "release-1");
  const running = await deployed.running;
  const versions = async () => {
    const asked = await Promise.all(Array.from({ length: 12 }, () => version(running)));
    return [...new Set(asked)].toSorted();
  };
  deployed.deploy("2");
  release(deployed, "release-2");
  expect(await deployed.command("reload")).toMatchObject({ code: 0 });
  deployed.deploy("3", { atLoad: 'if (process.env.PLAIT_UNIT === "p2") throw new Error("not in p2");' });
  release(deployed, "release-3");
  expect((await deployed.command("reload")).stderr).toMatch(
    /not in p2.*; p1 already serves the new code, p2 the old; reload again to make them one, or roll back/,
  );
  expect((await deployed.command("rollback")).stdout).toMatch(/runs .*release-2/);
  expect(await versions()).toEqual(["2"]);
  expect((await deployed.command("rollback")).stdout).toMatch(/runs .*release-1/);
  expect(await versions()).toEqual(["1"]);
  expect((await deployed.command("rollback")).stderr).toMatch(/nothing to roll back to/);
});
