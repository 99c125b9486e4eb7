// A drain that runs out of time says what it was waiting for, in the log and in the record of the unit's end.
import { expect, test } from "vitest";
import { Client, service } from "./supervisor-program.ts";
import { VersionedService } from "./versions.ts";

const stop = { drain: "300ms", cancel: "1s", kill: "2s" };

for (const threads of [0, 1]) {
  test.concurrent(`with ${threads} threads, what a drain did not wait out is named, with its line, and cancelled`, async ({
    onTestFinished,
  }) => {
    const entry = service("stuck.ts");
    const deployed = new VersionedService({ entry, topology: { processes: 1, threads }, stop }, onTestFinished);
    const running = await deployed.running;
    const unit = threads === 0 ? "p1" : "p1.t1";
    const named = new RegExp(
      `${unit}\\.c1 from 127\\.0\\.0\\.1:\\d+ did not end within the drain: it has waited \\d+ ms for .* at .*stuck\\.ts:\\d+:\\d+; its connection is \\d+ ms old`,
      "g",
    );

    const client = await Client.connect(running.port);
    const { localPort } = client.socket;
    await client.ask("hello\n", "line");
    await running.call("restart", { unit: "p1" });
    const [cancelled] = (await running.call("why", { unit })).deaths;
    expect(cancelled).toMatchObject({ unit, incarnation: 1, unfinished: { connections: 1 } });
    expect(cancelled?.unfinished?.tasks).toEqual([
      {
        task: `${unit}.c1`,
        peer: `127.0.0.1:${localPort}`,
        waitingOn: expect.stringMatching(/^line from/),
        ageMs: expect.any(Number),
        waitingMs: expect.any(Number),
        at: expect.stringMatching(/stuck\.ts:7:\d+/),
      },
    ]);
    expect(running.stderr.match(named)).toHaveLength(1);

    // What spins can't tell: it is asked from outside, and ended.
    const spinning = await Client.connect(running.port);
    await spinning.ask("hello\n", "line");
    spinning.socket.write("loop\n");
    await running.call("restart", { unit: "p1" });
    expect((await deployed.command("why", unit)).stdout).toMatch(
      new RegExp(
        `incarnation \\d+: .*\\n {2}.*did not end within the drain\\n {2}- ${unit}\\S* was running at loopForEver \\(`,
      ),
    );

    const last = await Client.connect(running.port);
    await last.ask("hello\n", "line");
    running.signal("SIGTERM");
    const { code, stderr } = await running.exited;
    expect(code).toBe(0);
    expect(stderr.match(named)).toHaveLength(2);
  }, 30_000);
}

for (const [processes, threads] of [
  [0, 0],
  [1, 0],
  [1, 1],
] as const) {
  test.concurrent(`with ${processes}×${threads}, a service whose stop never ends is named, and ends with the rest`, async ({
    onTestFinished,
  }) => {
    const entry = service("stop-never-ends.ts");
    const short = { drain: "100ms", cancel: "3s", kill: "2s" };
    const deployed = new VersionedService({ entry, topology: { processes, threads }, stop: short }, onTestFinished);
    const running = await deployed.running;
    running.signal("SIGTERM");
    const { code, stderr } = await running.exited;
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /stop did not end within the drain: it has waited \d+ ms for sleep .*stop-never-ends\.ts:9:\d+\n/,
    );
  });
}
