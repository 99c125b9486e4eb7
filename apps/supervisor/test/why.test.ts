// Every death has a record, and what a process wrote last is in it.
import { expect, test } from "vitest";
import { Client, type RunningSupervisor } from "./supervisor-program.ts";
import { VersionedService } from "./versions.ts";

const atLoad = `
import { isMainThread } from "node:worker_threads";
if (isMainThread) setInterval(() => {}, 1000);
globalThis.die = () => {
  for (let line = 1; line <= 2000; line++) console.log("out " + line);
  console.error("the last words");
  process.exit(3);
};
`;

/** A service of processes without threads, that says goodbye and exits when a client says "die". */
async function mortal(): Promise<{ deployed: VersionedService; running: RunningSupervisor }> {
  const deployed = new VersionedService({ topology: { processes: 2, threads: 0 } });
  deployed.deploy("1", { atLoad, onText: 'if (text === "die") die();' });
  return { deployed, running: await deployed.running };
}

test("why tells a kill and an exit apart, with what was done next and the last lines", async () => {
  const { deployed, running } = await mortal();
  const [first] = await running.processes();
  process.kill(first?.pid ?? 0, "SIGKILL");
  await running.until(/p1 is ready \(incarnation 2\)/);
  const client = await Client.connect(running.port);
  const unit = (await client.ask("who\n", "line")).slice(2, 4);
  client.socket.write("die");
  await running.until(new RegExp(`${unit} ended: exited with code 3`));

  const { code, stdout } = await deployed.command("why", "--json");
  expect(code).toBe(0);
  const [exit, kill] = JSON.parse(stdout);
  expect(kill).toMatchObject({ service: "versioned", unit: "p1", incarnation: 1, cause: "killed" });
  expect(kill.next).toMatch(/^started again after \d+ ms \(attempt 1\)$/);
  expect(exit).toMatchObject({ unit, cause: "exited", text: "exited with code 3", lastLines: ["the last words"] });
  expect(Date.now() - exit.at).toBeLessThan(60_000);

  const text = await deployed.command("why", unit);
  expect(text.stdout).toMatch(/exited with code 3 \(exited\)\n {2}started again after .*\n {2}\| the last words/);
});

test("nothing that a process writes is lost when it ends, and every line has its unit in front", async () => {
  const { running } = await mortal();
  (await Client.connect(running.port)).socket.write("die");
  await running.until(/ended: exited with code 3/);
  await running.until(/^p[12] \| out 2000$/m, "stdout");
  const lines = running.stdout.split("\n").filter((line) => line.includes("out "));
  expect(lines).toEqual(Array.from({ length: 2000 }, (_, index) => `${lines[0]?.slice(0, 2)} | out ${index + 1}`));
  expect(running.stderr).toMatch(/^p[12] \| the last words$/m);
});

test("a thread's death is on record under its own id", async () => {
  const deployed = new VersionedService({ topology: { processes: 1, threads: 1 } });
  const onText = 'if (text === "die") setTimeout(() => { console.log("dying"); throw new Error("boom"); }, 1);';
  deployed.deploy("1", { onText });
  const running = await deployed.running;
  (await Client.connect(running.port)).socket.write("die");
  await running.until(/p1\.t1 is ready \(incarnation 2\)/);
  const [death] = JSON.parse((await deployed.command("why", "p1.t1", "--json")).stdout);
  expect(death).toMatchObject({
    unit: "p1.t1",
    incarnation: 1,
    processIncarnation: 1,
    cause: "crashed",
    text: "uncaught Error: boom",
  });
  // Its words carry its id, and its last ones are the error with its stack.
  expect(death.lastLines[0]).toBe("Error: boom");
  expect(death.lastLines[1]).toMatch(/^ {4}at /);
  await running.until(/^p1\.t1 \| dying$/m, "stdout");
  await running.until(/^p1\.t1 \| Error: boom$/m);
});

test("an unknown unit is a mistake, and one that never ended is told so", async () => {
  const deployed = new VersionedService({ topology: { processes: 1, threads: 0 } });
  await deployed.running;
  expect(await deployed.command("why", "p1")).toMatchObject({ code: 0, stdout: "p1 has not ended so far\n" });
  const unknown = await deployed.command("why", "p9");
  expect(unknown).toMatchObject({ code: 64, stderr: "supervisor: there is no unit p9; there is p1\n" });
});

test("a reader of the log that goes away does not stop the service", async () => {
  const deployed = new VersionedService({ topology: { processes: 1, threads: 0 } });
  deployed.deploy("1", { onText: 'console.log("x".repeat(200_000)); console.error("y".repeat(200_000));' });
  const running = await deployed.running;
  running.child.stdout?.destroy();
  running.child.stderr?.destroy();
  const client = await Client.connect(running.port);
  for (let round = 1; round <= 5; round++) expect(await client.ask("hello")).toBe("HELLO");
});
