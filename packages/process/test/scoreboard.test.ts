import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { Scoreboard } from "../src/scoreboard.ts";

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
