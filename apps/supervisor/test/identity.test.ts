// Processes run as somebody else than the supervisor, which keeps its rights.
import { chmodSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { Client } from "./supervisor-program.ts";
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

test("a user that does not exist is refused before anything runs", async () => {
  const deployed = new VersionedService({ topology, user: "no-such-user" });
  await expect(deployed.running).rejects.toThrow(/there is no user no-such-user on this machine/);
});
