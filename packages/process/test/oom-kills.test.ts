import { expect, test } from "vitest";
import { OomKills } from "../src/oom-kills.ts";

const events = (kills: number) => `low 0\nhigh 3\nmax 12\noom 1\noom_kill ${kills}\noom_group_kill 0\n`;
const control = (kills: number) => `oom_kill_disable 0\nunder_oom 0\noom_kill ${kills}\n`;

const hosts = {
  "version 2": { cgroup: "0::/app.slice\n", file: "/sys/fs/cgroup/app.slice/memory.events", text: events },
  "version 1": {
    cgroup: "5:cpu,cpuacct:/app\n4:memory:/app\n0::/\n",
    file: "/sys/fs/cgroup/memory/app/memory.oom_control",
    text: control,
  },
};

for (const [version, { cgroup, file, text }] of Object.entries(hosts)) {
  test(`each kill that a cgroup of ${version} has counted explains one death, and those before the start none`, () => {
    let kills = 2;
    const oom = new OomKills((path) => ({ "/proc/self/cgroup": cgroup, [file]: text(kills) })[path]);
    expect(oom.take()).toBe(false);
    kills += 2;
    expect([oom.take(), oom.take(), oom.take()]).toEqual([true, true, false]);
  });
}

test("where the kernel does not tell, no death is put down to memory", () => {
  expect(new OomKills(() => undefined).take()).toBe(false);
});
