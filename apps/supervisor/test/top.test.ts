// supervisor top in a pseudo-terminal: it shows what runs, follows keys and resizes, and gives the terminal back.
import { expect, test } from "vitest";
import { Client, RunningSupervisor, service, supervisor, temporaryFolder } from "./supervisor-program.ts";
import { hasTerminals, Terminal } from "./terminal.ts";

const ALTERNATE = "\u001b[?1049h";
const ORIGINAL = "\u001b[?1049l";

test.skipIf(!hasTerminals)(
  "top shows what runs, looks into a unit, recycles it, follows a resize and leaves",
  async () => {
    const running = await RunningSupervisor.start([service("echo.ts"), "-p", "1", "-t", "1", "-l", "127.0.0.1:0"]);
    const client = await Client.connect(running.port);
    expect(await client.ask("hello")).toBe("HELLO");
    const top = new Terminal(["top", "--interval", "200ms"], { runtime: running.runtime, cwd: running.runtime });
    await top.until((screen) => screen.some((line) => /p1\.t1 +ready .* 1 +0$/.test(line)));
    expect(top.screen).toHaveLength(24);
    expect(top.output).toContain(ALTERNATE);

    top.press("jj\r");
    await top.until((screen) => screen.some((line) => /^coroutines: \d+ waiting/.test(line)));
    expect(top.screen.join("\n")).toContain("p1.t1 is ready (incarnation 1)");

    top.press("\u001b");
    await top.until((screen) => screen.some((line) => line.startsWith("echo  127.0.0.1:")));
    top.press("d");
    await top.until((screen) => screen.some((line) => /^ +p1\.t1\.c1 .*: waiting on /.test(line)));

    top.resize(10, 40);
    await top.until((screen) => screen.length === 10 && screen.every((line) => line.length <= 40));

    top.resize(24, 80);
    top.press("\u001b");
    await top.until((screen) => screen.some((line) => line.startsWith("echo  127.0.0.1:")) && screen.length === 24);
    client.socket.end();
    await client.closed;
    top.press("kr");
    await top.until((screen) => screen.at(-1)?.startsWith("replace p1 by a new one") === true);
    top.press("y");
    await running.until(/p1 is ready \(incarnation 2\)/);
    await top.until((screen) => screen.at(-1) === "p1 was replaced");

    top.press("q");
    expect(await top.exited).toEqual({ code: 0, restored: true });
    expect(top.output.endsWith(ORIGINAL)).toBe(true);
  },
);

test.skipIf(!hasTerminals)("top gives the terminal back however it ends", async () => {
  const running = await RunningSupervisor.start([service("echo.ts"), "-p", "0", "-t", "0", "-l", "127.0.0.1:0"]);
  const start = async () => {
    const top = new Terminal(["top"], { runtime: running.runtime, cwd: running.runtime });
    await top.until((screen) => screen.some((line) => line.includes("p1")));
    return top;
  };
  const [interrupted, ended, orphaned] = await Promise.all([start(), start(), start()]);
  interrupted.press("\u0003");
  expect(await interrupted.exited).toEqual({ code: 0, restored: true });
  ended.signal(15);
  expect(await ended.exited).toEqual({ code: 143, restored: true });
  running.signal("SIGTERM");
  expect(await orphaned.exited).toEqual({ code: 69, restored: true });
  for (const { output } of [interrupted, ended, orphaned]) expect(output).toContain(ORIGINAL);
  expect(orphaned.output).toMatch(/supervisor: .*ended/);
});

test("top without a terminal names what to use instead", async () => {
  const exit = await supervisor(["top"], { runtime: temporaryFolder() });
  expect(exit).toMatchObject({ code: 64, stdout: "", stderr: expect.stringContaining("supervisor status") });
});
