// A drain that runs out of time says what it was waiting for.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Client, RunningSupervisor, service, temporaryFolder } from "./supervisor-program.ts";

for (const threads of [0, 1]) {
  test(`with ${threads} threads, what a drain did not wait out is named, with its line, and cancelled`, async () => {
    const folder = temporaryFolder();
    const topology = { processes: 1, threads };
    const config = { entry: service("echo.ts"), listen: "127.0.0.1:0", topology, stop: { drain: "300ms" } };
    writeFileSync(join(folder, "supervisor.config.json"), JSON.stringify(config));
    const running = await RunningSupervisor.start([folder]);
    const client = await Client.connect(running.port);
    expect(await client.ask("hello")).toBe("HELLO");
    running.signal("SIGTERM");
    const { code, stderr } = await running.exited;
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /p1\S* \| p1\S*c1 from 127\.0\.0\.1:\d+ did not end within the drain: it has waited \d+ ms for .* at .*echo\.ts:\d+/,
    );
  });
}
