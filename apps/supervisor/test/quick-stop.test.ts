// SIGQUIT: a quick stop that says what everything was doing.
import { expect, test } from "vitest";
import { Client } from "./supervisor-program.ts";
import { VersionedService } from "./versions.ts";

test("SIGQUIT tells what every coroutine is doing, cuts off what is in flight and stops with exit code 0", async () => {
  const deployed = new VersionedService({ topology: { processes: 1, threads: 1 }, stop: { drain: "60s" } });
  const running = await deployed.running;
  const client = await Client.connect(running.port);
  await client.ask("hello");
  running.signal("SIGQUIT");
  await client.closed;
  const { code, stderr } = await running.exited;
  expect(code).toBe(0);
  expect(stderr).toMatch(/SIGQUIT: .*\n[\s\S]*p1\.t1: 1 coroutine\n[\s\S]*p1\.t1\.c1 .*waiting on/);
});
