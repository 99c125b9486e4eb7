// The guide's programs that offload, as the guide shows them.
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { supervise } from "plait";
import { expect, onTestFinished, test } from "vitest";

const page = readFileSync(new URL("../../../docs/guide/processes-threads-coroutines.md", import.meta.url), "utf8");

/** The page's files, by the name that their first line says. */
const files = new Map(
  [...page.matchAll(/```ts\n\/\/ (\S+\.ts)\n([\s\S]*?)```/g)].map(([, name, code]) => [name, code]),
);

test("the service of the page answers each line with its digest, computed on the pool", async () => {
  expect([...files.keys()]).toEqual(["digest.ts", "service.ts"]);
  // In the package, so that the files find `plait`.
  const folder = mkdtempSync(join(import.meta.dirname, ".guide-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name = "", code = ""] of files) {
    // The first call starts the pool, for which a busy machine may take longer than the page's second.
    writeFileSync(join(folder, name), code.replace("timeout: 1000", "timeout: 30_000"));
  }
  await using supervisor = await supervise({
    entry: join(folder, "service.ts"),
    listen: "127.0.0.1:0",
    topology: { processes: 0, threads: 1 },
  });
  const socket = connect(Number(supervisor.listeners[0]?.address.split(":")[1]), "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  await once(socket, "connect");
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  for (const line of ["one", "two"]) {
    socket.write(`${line}\n`);
    expect((await lines.next()).value).toBe(createHash("sha256").update(line).digest("hex"));
  }
  socket.end();
});
