// The proof that reloads lose nothing, and that it would notice if they did.
import { expect, test } from "vitest";
import { RunningSupervisor, service, supervisor } from "./supervisor-program.ts";

const proof = (running: RunningSupervisor, ...args: string[]) =>
  supervisor(["verify", "reload", ...args], { runtime: running.runtime, cwd: running.runtime });

test("the echo service loses nothing in two reloads under 20 clients, and the ledger says so", async () => {
  const running = await RunningSupervisor.start([service("reloaded.config.json")]);
  const { code, stdout } = await proof(running, "--clients", "20", "--reloads", "2", "--json");
  expect(code).toBe(0);
  const { reloads, lost, connections } = JSON.parse(stdout);
  expect({ reloads, lost }).toEqual({ reloads: 2, lost: 0 });
  expect(connections).toMatchObject({ refused: 0, reset: 0, unanswered: 0, timeout: 0 });
  expect(connections.served).toBeGreaterThan(0);
  const [process] = await running.processes();
  expect(process?.incarnation).toBe(3);
});

test("connections that are lost are found: the exit code is 1 and the ledger counts them", async () => {
  const running = await RunningSupervisor.start([service("forgetful.config.json")]);
  const { code, stdout } = await proof(running, "--clients", "5", "--reloads", "1");
  expect(stdout).toMatch(/[1-9]\d* unanswered/);
  expect(stdout).toMatch(/[1-9]\d* lost/);
  expect(code).toBe(1);
});

test("a service that does not answer what is sent is a wrong question, not a loss", async () => {
  const running = await RunningSupervisor.start([service("reloaded.config.json")]);
  const { code, stderr } = await proof(running, "--listener", "nowhere");
  expect(code).toBe(64);
  expect(stderr).toMatch(/there is no listener nowhere/);
});
