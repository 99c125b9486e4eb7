// What a drain did not wait out is told with what it waits for in the end.
import { tasks as listed, sleep, spawnWith } from "@plait/coroutine";
import { expect, test, vi } from "vitest";
import { nameUnfinished } from "../src/unfinished.ts";

test("a coroutine that joins others is told with the wait and the line of the last one, and its connection's age", async () => {
  const log = vi.spyOn(console, "error").mockImplementation(() => {});
  const handler = spawnWith({ name: "p1.c1" }, function* () {
    const middle = spawnWith({ name: "middle" }, function* () {
      yield* spawnWith({ name: "last" }, function* () {
        yield* sleep(3_600_000);
      }).join();
    });
    yield* middle.join();
  });
  await expect.poll(() => handler.state).toBe("waiting");
  const host = { connections: 1, stopping: false, connectionOf: () => ({ peer: "127.0.0.1:4100", ageMs: 12_000 }) };
  const last = listed({ locations: true }).find(({ name }) => name === "last");
  expect(last?.at[0]).toMatch(/unfinished\.test\.ts:\d+:\d+$/);
  const unfinished = nameUnfinished(host);
  expect(unfinished?.connections).toBe(1);
  expect(unfinished?.tasks).toEqual([
    {
      task: "p1.c1",
      peer: "127.0.0.1:4100",
      ageMs: 12_000,
      waitingOn: "sleep of 3600000 ms",
      waitingMs: expect.any(Number),
      at: last?.at[0],
    },
  ]);
  expect(log).toHaveBeenCalledWith(
    expect.stringMatching(/for sleep .*unfinished\.test\.ts:\d+:\d+; its connection is 12000 ms old$/),
  );
  // A stop that waits for nobody has nothing to tell, whatever else runs.
  expect(nameUnfinished({ ...host, connections: 0 })).toBeUndefined();
  await handler.cancel("the test is over");
  log.mockRestore();
});
