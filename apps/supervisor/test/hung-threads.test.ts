// A thread whose event loop stands still is found, shown and replaced, and nobody else notices.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Client, RunningSupervisor, service, temporaryFolder } from "./supervisor-program.ts";

test("an endless loop is logged with its stack and connection, and its thread is replaced", async () => {
  const file = join(temporaryFolder(), "supervisor.config.json");
  const config = {
    entry: service("spin.ts"),
    listen: "127.0.0.1:0",
    topology: { processes: 1, threads: 2 },
    watchdog: { report: "300ms", kill: "1s" },
  };
  writeFileSync(file, JSON.stringify(config));
  const running = await RunningSupervisor.start([file]);
  const [first, second] = [await Client.connect(running.port), await Client.connect(running.port)];
  expect(await first.ask("a")).toBe("A");
  expect(await second.ask("b")).toBe("B");

  first.socket.write("spin");
  const [, stack] = await running.until(
    /p1\.t1 has blocked its event loop for \d+ ms in p1\.t1\.c1.*\n((?: {4}at .*\n){3})/,
  );
  const at = (line: number) => `\\(${service("spin.ts")}:${line}:\\d+\\)`;
  expect(stack).toMatch(new RegExp(`at skipSpace ${at(25)}\\n +at nextToken ${at(21)}\\n +at parse ${at(17)}`));
  expect(await second.ask("meanwhile")).toBe("MEANWHILE");

  await running.until(/p1\.t1 ended: blocked its event loop for \d+ ms in skipSpace/);
  await first.closed;
  await running.until(/^p1\.t1 \| about to parse$/m, "stdout");
  await running.until(/p1\.t1 is ready \(incarnation 2\)/);
  expect(await second.ask("still here")).toBe("STILL HERE");
  expect(await (await Client.connect(running.port)).ask("new")).toBe("NEW");
  const [only] = await running.processes();
  expect(only).toMatchObject({ incarnation: 1, lost: 1 });

  // The record has all of it.
  const [death] = (await running.call("why", { unit: "p1.t1" })).deaths;
  expect(death).toMatchObject({ cause: "hung", stack: { running: "p1.t1.c1" } });
  expect(death?.stack?.frames.slice(0, 3)).toEqual([
    expect.stringMatching(/^skipSpace /),
    expect.stringMatching(/^nextToken /),
    expect.stringMatching(/^parse /),
  ]);
});
