// The harness measures real servers right: one with a known delay, one that never comes up.
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { cpuPerMessage, p50, perSecond } from "../dist/harness/metrics.js";
import { runBenchmarks } from "../dist/harness/run-benchmarks.js";
import { served } from "../dist/harness/served.js";
import { summarize } from "../dist/harness/summary.js";

const DELAY_MS = 20;
const CONNECTIONS = 5;

function fixture(name: string, ...args: readonly string[]) {
  const file = fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));
  return served(
    [name, ...args].join(" "),
    () => ({ command: (port) => [process.execPath, file, String(port), ...args] }),
    ({ ms, warmUpMs }) => ({
      kind: "traffic",
      ms,
      warmUpMs,
      groups: [{ connections: CONNECTIONS, message: "hello", replyBytes: 5, timed: true }],
    }),
  );
}

test("a server with a known delay is measured with it and ranked behind one without; one that dies is a result", async () => {
  const prompt = fixture("delayed-server.js", "0");
  const delayed = fixture("delayed-server.js", String(DELAY_MS));
  const dying = fixture("dying-server.js");
  const scenario = {
    name: "delays",
    what: "echo",
    metrics: [perSecond, cpuPerMessage, p50],
    baseline: prompt.name,
    contenders: [delayed, dying, prompt],
  };
  const round = { ms: 300, warmUpMs: 100, share: 1 };
  const [result] = await runBenchmarks([{ name: "b", what: "", scenarios: [scenario] }], { rounds: 2, round });
  const [own] = result?.scenarios ?? [];
  if (!own) throw new Error("no result");
  const [slow, dead] = summarize(own);

  // A timer may fire up to a millisecond early.
  expect(slow?.value(p50.name)?.low).toBeGreaterThanOrEqual(DELAY_MS - 1);
  expect(slow?.value(perSecond.name)?.high).toBeLessThanOrEqual((CONNECTIONS * 1000) / (DELAY_MS - 1));
  expect(slow?.ratio(perSecond.name)?.median).toBeLessThan(1);
  expect(dead?.contender.failed).toBe("the server ended before it served: the disk is full");
});
