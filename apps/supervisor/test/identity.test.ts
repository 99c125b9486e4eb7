// Processes run as somebody else than the supervisor, which keeps its rights.
import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { Client, Program, temporaryFolder } from "./supervisor-program.ts";
import { VersionedService } from "./versions.ts";

const isRoot = process.platform === "linux" && process.getuid?.() === 0;
const topology = { processes: 1, threads: 1 };

test.skipIf(!isRoot)(
  "the processes of a service are its user's, also after a restart; the supervisor stays who it is",
  async () => {
    const deployed = new VersionedService({ topology, user: "nobody" });
    chmodSync(deployed.folder, 0o755);
    deployed.deploy("1", {
      atLoad: 'const ids = () => [process.getuid(), process.getgid(), ...process.getgroups()].join(" ");',
      onText: 'if (text === "ids") { await conn.write(ids() + "\\n"); continue; }',
    });
    const running = await deployed.running;
    const [, , uid, gid] = /^nobody:(.*):(\d+):(\d+):/m.exec(readFileSync("/etc/passwd", "utf8")) ?? [];
    const ids = async () => (await Client.connect(running.port)).ask("ids", "line");
    expect(await ids()).toBe(`${uid} ${gid} ${gid}\n`);
    process.kill((await running.processes())[0]?.pid ?? 0, "SIGKILL");
    await running.until(/p1 is ready \(incarnation 2\)/);
    expect(await ids()).toBe(`${uid} ${gid} ${gid}\n`);
    expect(readFileSync(`/proc/${running.child.pid}/status`, "utf8")).toMatch(/^Uid:\s+0\s/m);
  },
  60_000,
);

test.skipIf(!isRoot || spawnSync("setpriv", ["--version"]).status !== 0)(
  "a supervisor may run as a user that is in no list, as in a container",
  async () => {
    const deployed = new VersionedService({ topology });
    chmodSync(deployed.folder, 0o755);
    const runtime = temporaryFolder();
    chownSync(runtime, 54_321, 54_321);
    const launcher = ["setpriv", "--reuid=54321", "--regid=54321", "--clear-groups"];
    const running = await deployed.start({ launcher, env: { XDG_RUNTIME_DIR: runtime } });
    expect(await (await Client.connect(running.port)).ask("hello")).toBe("HELLO");
    const asked = new Program(["status"], { cwd: deployed.folder, runtime, launcher });
    expect(await asked.exited).toMatchObject({ code: 0, stderr: "" });
  },
  60_000,
);

test("a user that does not exist is refused before anything runs", async () => {
  const deployed = new VersionedService({ topology, user: "no-such-user" });
  await expect(deployed.running).rejects.toThrow(/there is no user no-such-user on this machine/);
});
