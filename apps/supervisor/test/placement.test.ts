// Which thread a connection goes to, and how large the compute pool is, as configured.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Client, RunningSupervisor, service, supervisor, temporaryFolder } from "./supervisor-program.ts";

function configured(services: Readonly<Record<string, object>>): string {
  const file = join(temporaryFolder(), "supervisor.config.json");
  const common = { entry: service("about.ts"), listen: "127.0.0.1:0", topology: { processes: 1, threads: 3 } };
  const config = Object.entries(services).map(([name, keys]) => [name, { ...common, ...keys }]);
  writeFileSync(file, JSON.stringify({ services: Object.fromEntries(config) }));
  return file;
}

/** The threads that so many connections land on, one after the other, and what they say of the compute pool. */
async function land(address: string | undefined, connections: number) {
  const threads: string[] = [];
  let pool = "";
  for (let n = 0; n < connections; n++) {
    const answer = await (await Client.connect(Number(address?.split(":").at(-1)))).ask("?\n", "line");
    const [, thread = "", stats = ""] = /^(p\d+\.t\d+)\.c\d+ (\d+ \d+)\n$/.exec(answer) ?? [];
    threads.push(thread);
    pool = stats;
  }
  return { threads, pool };
}

test("connections are placed, and the compute pool is sized, as each service is configured", async () => {
  const file = configured({
    hashed: { placement: "hash", offload: { threads: 3, queue: 5 } },
    own: { placement: service("last-thread.ts") },
  });
  const running = await RunningSupervisor.start([file]);
  const [hashed, own] = (await running.status()).services.map(({ listeners }) => listeners[0]?.address);

  const { threads, pool } = await land(hashed, 6);
  expect(new Set(threads).size).toBe(1);
  expect(pool).toBe("3 5");
  expect((await land(own, 3)).threads).toEqual(["p2.t3", "p2.t3", "p2.t3"]);
});

test("a module without a placement is an error that says so", async () => {
  const { code, stderr } = await supervisor(["start", configured({ wrong: { placement: service("no-service.ts") } })]);
  expect(stderr).toMatch(/no-service\.ts has no placement: export default a function/);
  expect(code).not.toBe(0);
});
