// What a serving thread loads before it knows what it serves: each of Node's modules here weighs on every thread.
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";

test("a serving thread loads neither TLS nor cryptography, HTTP, the inspector nor promises of files", async () => {
  const module = new URL("../src/thread-main.ts", import.meta.url);
  const code = `import(${JSON.stringify(module.href)}).then(() =>
    require("node:worker_threads").parentPort.postMessage(process.moduleLoadList))`;
  const worker = new Worker(code, { eval: true });
  const [loaded] = (await once(worker, "message")) as [readonly string[]];
  await worker.terminate();
  expect(loaded).toContain("NativeModule net");
  for (const name of ["tls", "crypto", "http", "http2", "inspector", "fs/promises", "child_process", "cluster"]) {
    expect(loaded).not.toContain(`NativeModule ${name}`);
  }
});
