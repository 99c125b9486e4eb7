// What a thread writes leaves it, whatever the thread is doing, and is not lost when it ends.
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import type { ThreadStream } from "../src/index.ts";
import { client, serving } from "./serving.ts";

async function writing(order: string, watchdog = { report: 0, kill: 0 }) {
  const written = new Map<string, Promise<string>>();
  const onOutput = async (unit: string, incarnation: number, stream: ThreadStream, output: Readable) => {
    const whole = text(output);
    written.set(`${unit}#${incarnation} ${stream}`, whole);
    await whole;
  };
  const { port, until } = await serving({ onOutput, watchdog });
  (await client(port)).socket.write(order);
  const exited = await until((event) => event.type === "exited");
  return { exited, out: await written.get("p1.t1#1 stdout"), error: await written.get("p1.t1#1 stderr") };
}

const lines = (word: string) => Array.from({ length: 500 }, (_, n) => `${word} ${n}\n`).join("");

test("all lines of a thread that exits right after it wrote them arrive, before its exit is told", async () => {
  expect(await writing("write and exit")).toMatchObject({ out: lines("out"), error: lines("error") });
});

test("all lines of a thread that blocks right after it wrote them arrive", async () => {
  const { out } = await writing("write and loop", { report: 300, kill: 600 });
  expect(out).toBe(lines("out"));
});

test("an error that nobody caught is written with its stack", async () => {
  const { error } = await writing("throw");
  expect(error).toMatch(/^Error: boom\n {4}at .*echo-thread\.ts/);
});

test("an error that the service's own handler takes is not written, and is not why the thread ends", async () => {
  const { error, exited } = await writing("catch and exit");
  expect(error).toBe("");
  expect(exited).toMatchObject({ exit: { cause: "exited", text: "called process.exit(3)" } });
});
