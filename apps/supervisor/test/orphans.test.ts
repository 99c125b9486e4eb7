// A supervisor that is killed leaves nothing behind.
import { expect, test } from "vitest";
import { isAlive } from "./alive.ts";
import { Client } from "./supervisor-program.ts";
import { VersionedService } from "./versions.ts";

test("a process whose main thread spins dies with its supervisor", async () => {
  const deployed = new VersionedService({ topology: { processes: 1, threads: 0 } });
  deployed.deploy("1", { onText: 'if (text === "spin") for (;;);' });
  const running = await deployed.running;
  const [only] = await running.processes();
  const client = await Client.connect(running.port);
  await client.ask("hello");
  client.socket.write("spin");
  // The second answer of the status is only the last one known: the process no longer answers.
  await running.processes();
  running.signal("SIGKILL");
  await running.exited;
  // Its connection ends when the kernel has ended it.
  expect(await client.closed).toMatch(/closed|reset/);
  while (isAlive(only?.pid ?? 0)) await new Promise(setImmediate);
});
