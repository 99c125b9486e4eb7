// Many clients at once against the upper-case service: every reply is checked byte for byte.
import { createHistogram, type RecordableHistogram } from "node:perf_hooks";
import { ControlClient, type SupervisorStatus } from "@plait/supervisor";
import { Command } from "commander";
import { runClient } from "./client.ts";
import { Progress } from "./progress.ts";

interface Flags {
  readonly clients: string;
  readonly messages: string;
  readonly host: string;
  readonly port: string;
  readonly timeout: string;
  readonly name: string;
}

/** Runs the command line and sets the exit code: 0 when every reply was right, 1 otherwise. */
export async function main(argv: readonly string[]): Promise<void> {
  const program = new Command("clients")
    .description("many concurrent clients that check every reply of the upper-case service")
    .option("--clients <n>", "concurrent clients", "500")
    .option("--messages <n>", "messages of each client", "100")
    .option("--host <address>", "where the service is", "127.0.0.1")
    .option("--port <port>", "where the service is", "8080")
    .option("--timeout <ms>", "how long a reply may take", "30000")
    .option("--name <name>", "the supervisor to ask which thread served what", "echo")
    .parse(argv);
  const flags = program.opts<Flags>();
  const clients = Number(flags.clients);
  const messages = Number(flags.messages);

  const before = await servedBy(flags.name);
  const latency = createHistogram();
  const progress = new Progress(clients * messages);
  const failures: Error[] = [];
  let replies = 0;
  const startedAt = performance.now();
  const run = (number: number) =>
    runClient(number, {
      host: flags.host,
      port: Number(flags.port),
      messages,
      timeout: Number(flags.timeout),
      onReply: (ns) => {
        latency.record(ns);
        replies++;
        progress.update(replies, `${replies} right replies`);
      },
    }).catch((error: Error) => {
      failures.push(error);
    });
  await Promise.all(Array.from({ length: clients }, (_, number) => run(number)));
  const seconds = (performance.now() - startedAt) / 1000;
  progress.done();

  console.log(`${clients} clients × ${messages} messages in ${seconds.toFixed(2)} s`);
  console.log(`${replies} right replies, ${failures.length} errors, ${Math.round(replies / seconds)} messages/s`);
  if (replies > 0) console.log(`latency ${percentiles(latency)}`);
  for (const { message } of failures.slice(0, 5)) console.log(`  error: ${message}`);
  reportThreads(before, await servedBy(flags.name), flags.name);
  process.exitCode = failures.length === 0 && replies === clients * messages ? 0 : 1;
}

function percentiles(latency: RecordableHistogram): string {
  const ms = (percentile: number) => (latency.percentile(percentile) / 1e6).toFixed(2);
  return `p50 ${ms(50)} ms, p99 ${ms(99)} ms, p99.9 ${ms(99.9)} ms`;
}

/** Connections served so far by each innermost unit, or undefined when no supervisor with that name can be asked. */
async function servedBy(name: string): Promise<Map<string, number> | undefined> {
  try {
    using client = await ControlClient.connect(name);
    return totals(await client.call("status", {}));
  } catch {
    return undefined;
  }
}

function totals(status: SupervisorStatus): Map<string, number> {
  const served = new Map<string, number>();
  for (const process of status.services.flatMap((service) => service.processes)) {
    const units = process.threads.length > 0 ? process.threads : [process];
    for (const { unit, total } of units) served.set(unit, total);
  }
  return served;
}

function reportThreads(
  before: Map<string, number> | undefined,
  after: Map<string, number> | undefined,
  name: string,
): void {
  if (!after) {
    console.log(`(no supervisor named "${name}" on this machine: which thread served what is unknown)`);
    return;
  }
  const served = [...after].map(([unit, total]) => `${unit} ${total - (before?.get(unit) ?? 0)}`);
  console.log(`connections ${served.join(", ")}`);
}
