import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { Scoreboard, ScoreboardBlock, ScoreboardEntries } from "../src/scoreboard.ts";

const writer = fileURLToPath(new URL("./fixtures/scoreboard-writer.ts", import.meta.url));

test("what a process has saved is read as it was when the process is killed", async () => {
  const scoreboard = new Scoreboard(3);
  try {
    expect([...scoreboard.read().numbers]).toEqual([0, 0, 0]);
    const child = spawn(process.execPath, [writer], {
      stdio: ["ignore", "pipe", "inherit", "ipc", scoreboard.descriptor],
    });
    const [said] = await once(child, "message");
    child.kill("SIGKILL");
    await once(child, "exit");
    expect([...scoreboard.read().numbers]).toEqual(said);
  } finally {
    scoreboard.close();
  }
});

test("blocks of threads follow the process's own numbers, each in its place", () => {
  const scoreboard = new Scoreboard(3);
  try {
    const own = new ScoreboardEntries(3, scoreboard.descriptor);
    own.numbers.set([1, 2, 3]);
    own.save();
    const shared = new Float64Array(new SharedArrayBuffer(3 * Float64Array.BYTES_PER_ELEMENT));
    const second = new ScoreboardBlock(shared, 1, scoreboard.descriptor);
    second.numbers.set([7, 8, 9]);
    second.save();
    own.beat();
    expect([...scoreboard.read().numbers]).toEqual([1, 2, 3, 0, 0, 0, 7, 8, 9]);
  } finally {
    scoreboard.close();
  }
});

test("what is half written says what it said before", () => {
  const scoreboard = new Scoreboard(3);
  try {
    const own = new ScoreboardEntries(3, scoreboard.descriptor);
    const block = new ScoreboardBlock(new Float64Array(3), 0, scoreboard.descriptor);
    own.numbers.set([1, 2, 3]);
    own.beat();
    block.numbers.set([4, 5, 6]);
    block.save();
    scoreboard.read();
    // The beat and the first of three numbers, as a write leaves them that has come so far.
    const half = Float64Array.of(2, 7);
    writeSync(scoreboard.descriptor, half, 0, half.byteLength, 0);
    block.numbers.fill(9);
    block.save();
    const { beats, numbers } = scoreboard.read();
    expect([beats, ...numbers]).toEqual([1, 1, 2, 3, 9, 9, 9]);
  } finally {
    scoreboard.close();
  }
});

test("a reader sees no half of a write", async () => {
  const scoreboard = new Scoreboard(3);
  const child = spawn(process.execPath, [writer, "for ever"], {
    stdio: ["ignore", "pipe", "inherit", "ipc", scoreboard.descriptor],
  });
  try {
    await once(child, "message");
    for (let reads = 0; reads < 5_000; reads++) {
      const [first, second, third] = scoreboard.read().numbers;
      expect([second, third]).toEqual([first, first]);
    }
  } finally {
    child.kill("SIGKILL");
    scoreboard.close();
  }
});
