import { expect, it } from "vitest";
import { flushLater } from "../src/turn.ts";

it("output that can't be sent ends its own connection, and the turn goes on to the others", async () => {
  const events: unknown[] = [];
  const failure = new Error("can't be sent");
  const failing = {
    turnEnded() {
      throw failure;
    },
    failed: (error: unknown) => events.push(error),
  };
  const working = { turnEnded: () => events.push("sent"), failed: (error: unknown) => events.push(error) };
  flushLater(failing);
  flushLater(working);
  await Promise.resolve();
  expect(events).toEqual([failure, "sent"]);
});
