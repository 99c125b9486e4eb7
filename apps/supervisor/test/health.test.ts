// Health and metrics: what a load balancer, an orchestrator and Prometheus are told by a real supervisor.
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { pause } from "./pause.ts";
import { Client, RunningSupervisor, service, supervisor, temporaryFolder } from "./supervisor-program.ts";

function folderWith(config: object): string {
  const folder = temporaryFolder();
  const shared = { entry: service("echo.ts"), listen: "127.0.0.1:0", topology: { processes: 2, threads: 1 } };
  const health = { listen: "127.0.0.1:0" };
  writeFileSync(join(folder, "supervisor.config.json"), JSON.stringify({ ...shared, health, ...config }));
  return folder;
}

async function start(config: object = {}) {
  const running = await RunningSupervisor.start([], { cwd: folderWith(config) });
  const { health } = await running.status();
  const get = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(`http://${health}${path}`, { signal: AbortSignal.timeout(10_000), ...init });
    return { code: response.status, text: await response.text(), type: response.headers.get("content-type") };
  };
  /** The value of a sample, or undefined. */
  const sample = async (series: string) => {
    const line = (await get("/metrics")).text.split("\n").find((each) => each.startsWith(`${series} `));
    return line === undefined ? undefined : Number(line.slice(series.length));
  };
  return { running, get, sample };
}

test("the probes say that it lives, serves and has started", async () => {
  const { get } = await start();
  expect(await get("/live")).toMatchObject({ code: 200, text: "serving\n" });
  expect(await get("/ready")).toMatchObject({ code: 200, text: "ready\n" });
  expect(await get("/startup?from=kubelet")).toMatchObject({ code: 200, text: "started\n" });
  expect(await get("/ready", { method: "HEAD" })).toMatchObject({ code: 200, text: "" });
  expect(await get("/")).toMatchObject({ code: 404, text: "/live /ready /startup /metrics\n" });
  expect(await get("/constructor")).toMatchObject({ code: 404 });
  expect(await get("/ready", { method: "POST", body: "x" })).toMatchObject({ code: 405 });
});

test("clients that hold connections open take no more than a hundred descriptors from the supervisor", async () => {
  const { running, get } = await start({ topology: { processes: 0, threads: 0 } });
  const port = Number((await running.status()).health?.split(":").at(-1));
  const idle = await Promise.all(Array.from({ length: 100 }, () => Client.connect(port)));
  expect(await new Client(port).closed).toMatch(/closed|reset/);
  for (const client of idle) client.socket.destroy();
  // It may not have heard of their ends yet.
  const answered = () =>
    get("/live").then(
      ({ code }) => code,
      () => undefined,
    );
  for (let code = await answered(); code !== 200; code = await answered()) await pause();
}, 20_000);

test("probes and metrics are answered while every process is stopped", async () => {
  const { running, get, sample } = await start();
  const pids = (await running.processes()).map(({ pid }) => pid ?? 0);
  for (const pid of pids) process.kill(pid, "SIGSTOP");
  onTestFinished(() => {
    for (const pid of pids) process.kill(pid, "SIGCONT");
  });
  expect(await get("/live")).toMatchObject({ code: 200 });
  expect(await get("/ready")).toMatchObject({ code: 200 });
  expect(await sample('plait_process_resident_memory_bytes{unit="p1"}')).toBeGreaterThan(10_000_000);
});

test("metrics count units, connections by outcome, and what the processes use", async () => {
  const { running, get, sample } = await start();
  const client = await Client.connect(running.port);
  expect(await client.ask("hello")).toBe("HELLO");
  const live = async () => {
    const each = await Promise.all(["p1", "p2"].map((u) => sample(`plait_connections{service="echo",unit="${u}"}`)));
    return each.reduce<number>((sum, value) => sum + (value ?? 0), 0);
  };
  expect(await live()).toBe(1);
  expect(await sample('plait_units{service="echo",tier="process",state="ready"}')).toBe(2);
  expect(await sample('plait_units{service="echo",tier="thread",state="ready"}')).toBe(2);
  expect(await sample('plait_process_cpu_seconds{unit="supervisor"}')).toBeGreaterThan(0);
  expect(await sample('plait_thread_cpu_seconds{unit="p1.t1"}')).toBeGreaterThan(0);
  expect(await sample('plait_thread_heap_bytes{unit="p1.t1"}')).toBeGreaterThan(1_000_000);
  expect(await sample('plait_thread_gc_seconds{unit="p1.t1"}')).toBeGreaterThanOrEqual(0);
  expect(await sample('plait_thread_loop_utilization{unit="p1.t1"}')).toBeLessThanOrEqual(1);
  expect(await sample('plait_supervisor_loop_delay_seconds{quantile="0.99"}')).toBeGreaterThan(0);
  const accepts = await Promise.all(
    ["p1", "p2"].map((unit) => sample(`plait_accept_seconds_count{service="echo",unit="${unit}"}`)),
  );
  expect(accepts.toSorted()).toEqual([0, 1]);
  for (const name of ["plait_coroutine_scheduling_seconds", "plait_loop_delay_seconds"]) {
    const of = (what: string, le = "") => sample(`${name}_${what}{${le}service="echo",unit="p1"}`);
    await expect.poll(() => of("count")).toBeGreaterThan(0);
    const all = await of("bucket", 'le="+Inf",');
    expect(all).toBeGreaterThan(0);
    expect(await of("bucket", 'le="0.25",')).toBeLessThanOrEqual((await of("count")) ?? 0);
  }
  client.socket.end();
  await client.closed;
  await expect.poll(live).toBe(0);
  const { text, type } = await get("/metrics");
  expect(type).toMatch(/^text\/plain.*version=/);
  expect(text).toMatch(/^plait_connections_ended_total\{service="echo",outcome="\w+"\} 1$/m);
  // Many at once are one question, and all get the whole answer.
  const many = await Promise.all(Array.from({ length: 20 }, () => get("/metrics")));
  for (const { text } of many) expect(text.match(/^plait_units\{/gm)).toHaveLength(2);
});

test("a killed process is a restart with its cause", async () => {
  const { running, sample } = await start();
  const [first] = await running.processes();
  process.kill(first?.pid ?? 0, "SIGKILL");
  await running.until(/p1 is ready \(incarnation 2\)/);
  expect(await sample('plait_restarts_total{service="echo",tier="process",cause="killed"}')).toBe(1);
});

test("not ready from the moment that a stop is asked for, while the service still accepts", async () => {
  const { running, get } = await start({ stop: { preDrain: "20s" } });
  running.signal("SIGTERM");
  await running.until(/SIGTERM: /);
  expect(await get("/ready")).toMatchObject({ code: 503, text: "stopping\n" });
  expect(await get("/live")).toMatchObject({ code: 200 });
  expect(await (await Client.connect(running.port)).ask("hello")).toBe("HELLO");
  running.signal("SIGTERM");
  expect(await running.exited).toMatchObject({ code: 0 });
});

test("off unless it is configured", async () => {
  const { running } = await start({ health: undefined });
  expect((await running.status()).health).toBeNull();
});

test("an address for health that is taken is a mistake, and nothing stays running", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  onTestFinished(() => void other.close());
  const { port } = other.address() as AddressInfo;
  const cwd = folderWith({ health: { listen: `127.0.0.1:${port}` } });
  const exit = await supervisor(["start"], { cwd, runtime: cwd });
  expect(exit).toMatchObject({ code: 71, stdout: "", stderr: expect.stringContaining(`127.0.0.1:${port}`) });
});

test("a reload that would move health is refused, and says what to do", async () => {
  const cwd = folderWith({});
  const running = await RunningSupervisor.start([], { cwd });
  const { health } = await running.status();
  const config = {
    entry: service("echo.ts"),
    topology: { processes: 2, threads: 1 },
    health: { listen: "127.0.0.1:1" },
  };
  writeFileSync(join(cwd, "supervisor.config.json"), JSON.stringify({ ...config, listen: "127.0.0.1:0" }));
  const exit = await supervisor(["reload"], { cwd, runtime: running.runtime });
  expect(exit).toMatchObject({ code: 1, stdout: "" });
  expect(exit.stderr).toMatch(
    /^supervisor: restart needed: health\.listen is 127\.0\.0\.1:1 now, and was 127\.0\.0\.1:0;/,
  );
  expect((await running.status()).health).toBe(health);
});
