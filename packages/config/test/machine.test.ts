// Reading limits from the files of machines that are not here: cgroup version 1, 2 and both.
import { expect, test } from "vitest";
import { readMachine, smallest } from "../src/machine.ts";

function machine(files: Readonly<Record<string, string>>) {
  return readMachine((path) => files[path]);
}

const host = {
  "/proc/self/status": "Name:\tnode\nCpus_allowed_list:\t0-3,8\n",
  "/proc/meminfo": "MemTotal:       16000000 kB\nMemFree: 1 kB\n",
};
const unified = "30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n";

test("without cgroups, affinity and the machine's memory are the limits", () => {
  expect(machine(host)).toEqual({
    cores: [{ source: "cores that this process may run on", value: 5 }],
    memory: [{ source: "memory of the machine", value: 16_384_000_000 }],
  });
});

test("version 2: the tightest limit on the way up to the root decides", () => {
  const limits = machine({
    ...host,
    "/proc/self/mountinfo": unified,
    "/proc/self/cgroup": "0::/system.slice/echo.service\n",
    "/sys/fs/cgroup/system.slice/echo.service/cpu.max": "max 100000\n",
    "/sys/fs/cgroup/system.slice/cpu.max": "150000 100000\n",
    "/sys/fs/cgroup/system.slice/echo.service/cpuset.cpus.effective": "0-1\n",
    "/sys/fs/cgroup/system.slice/echo.service/memory.max": "max\n",
    "/sys/fs/cgroup/system.slice/memory.max": "536870912\n",
  });
  expect(smallest(limits.cores)).toEqual({ source: "cpu.max of /sys/fs/cgroup/system.slice", value: 1.5 });
  expect(limits.cores.map((limit) => limit.value)).toEqual([5, 2, 1.5]);
  expect(smallest(limits.memory)).toEqual({ source: "memory.max of /sys/fs/cgroup/system.slice", value: 536_870_912 });
});

test("version 1: each controller has a hierarchy of its own, and a huge number means no limit", () => {
  const limits = machine({
    ...host,
    "/proc/self/mountinfo": [
      "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct",
      "35 31 0:32 / /sys/fs/cgroup/memory rw shared:9 - cgroup cgroup rw,memory",
      "34 31 0:31 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset",
      "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw",
    ].join("\n"),
    "/proc/self/cgroup": "4:memory:/a/b\n3:cpuset:/\n2:cpu,cpuacct:/a\n0::/\n",
    "/sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us": "250000\n",
    "/sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_period_us": "100000\n",
    "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "-1\n",
    "/sys/fs/cgroup/cpuset/cpuset.cpus": "0-2\n",
    "/sys/fs/cgroup/memory/a/b/memory.limit_in_bytes": "9223372036854771712\n",
    "/sys/fs/cgroup/memory/a/memory.limit_in_bytes": "268435456\n",
  });
  expect(limits.cores.map((limit) => limit.value)).toEqual([5, 3, 2.5]);
  expect(smallest(limits.memory).value).toBe(268_435_456);
});

test("in a container the mount's root is the process's own cgroup", () => {
  const limits = machine({
    ...host,
    "/proc/self/mountinfo": "35 31 0:32 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n",
    "/proc/self/cgroup": "4:memory:/docker/abc\n",
    "/sys/fs/cgroup/memory/memory.limit_in_bytes": "100000000\n",
  });
  expect(smallest(limits.memory).value).toBe(100_000_000);
});

test("this machine has at least one core and some memory", () => {
  const here = readMachine();
  expect(smallest(here.cores).value).toBeGreaterThan(0);
  expect(smallest(here.memory).value).toBeGreaterThan(1e6);
});
