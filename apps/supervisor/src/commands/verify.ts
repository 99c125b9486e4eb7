// supervisor verify reload: proves, against the user's own service, that reloads lose no connection.
import type { NetConnectOpts } from "node:net";
import type { ControlClient } from "@plait/supervisor";
import type { Command } from "commander";
import { atLeast } from "../arguments.ts";
import { exitCodes } from "../exit-codes.ts";
import { ask, type ClientLedger, endings, lossesIn, PersistentClients } from "../persistent-clients.ts";
import { connectTo } from "../running.ts";
import { UsageError } from "../usage-error.ts";

interface VerifyFlags {
  readonly clients: number;
  readonly reloads: number;
  readonly send: string;
  readonly timeout: number;
  readonly listener?: string;
  readonly json?: boolean;
}

/** What `supervisor verify reload --json` prints. */
interface Proof {
  readonly clients: number;
  /** Reloads that succeeded. */
  readonly reloads: number;
  readonly connections: ClientLedger;
  readonly lost: number;
}

export function defineVerify(program: Command): void {
  program
    .command("verify")
    .description("prove what a running service promises")
    .command("reload")
    .description("reload again and again while clients connect, and count how every connection ends")
    .argument("[name]", "the supervisor's name (default: the one of this folder, or the only one that runs)")
    .option("--clients <n>", "clients that connect, ask and leave in a loop", atLeast(1), 200)
    .option("--reloads <n>", "reloads, one after another", atLeast(1), 10)
    .option("--send <text>", "what a client sends; any answer will do (\\n and \\r as in C)", "hello\\n")
    .option("--timeout <ms>", "how long a connection may take until it is answered and closed", atLeast(1), 15_000)
    .option("--listener <name>", "which listener (default: the first)")
    .option("--json", "print the proof as JSON")
    .addHelpText(
      "after",
      '\nExample:\n  supervisor verify reload echo --clients 200 --reloads 10\n  supervisor verify reload web --send "GET / HTTP/1.0\\r\\n\\r\\n"' +
        "\n\nIt exits with 1 if a connection was refused, reset, left without an answer or too slow.",
    )
    .action(verifyReload);
}

async function verifyReload(name: string | undefined, flags: VerifyFlags): Promise<void> {
  using client = await connectTo(name);
  const address = await listenerOf(client, flags.listener);
  const send = flags.send.replaceAll("\\r", "\r").replaceAll("\\n", "\n");
  const options = { address, send, timeout: flags.timeout };
  const first = await ask(options);
  if (first !== "served") {
    throw new UsageError(
      `a single client is not served even without a reload (${first ?? "no port is free"}); say with --send what the service answers`,
    );
  }
  const clients = new PersistentClients(flags.clients, options);
  let reloads = 0;
  try {
    for (; reloads < flags.reloads; reloads++) {
      await client.call("reload", {});
      if (!flags.json) console.log(`reload ${reloads + 1} of ${flags.reloads}: ${describe(clients.ledger)}`);
    }
  } finally {
    const connections = await clients.stop();
    const lost = lossesIn(connections);
    const proof: Proof = { clients: flags.clients, reloads, connections, lost };
    console.log(flags.json ? JSON.stringify(proof, null, 2) : summary(proof));
    if (lost > 0) process.exitCode = exitCodes.failure;
  }
}

async function listenerOf(client: ControlClient, wanted: string | undefined): Promise<NetConnectOpts> {
  const { services } = await client.call("status", {});
  const listeners = services.flatMap((service) => service.listeners);
  const listener = wanted === undefined ? listeners[0] : listeners.find((each) => each.name === wanted);
  if (!listener) {
    throw new UsageError(`there is no listener ${wanted}; there are ${listeners.map((each) => each.name).join(", ")}`);
  }
  const [, host = "", port] = /^(.*):(\d+)$/.exec(listener.address) ?? [];
  if (port === undefined) return { path: listener.address };
  const bare = host.replace(/[[\]]/g, "");
  return { host: bare === "0.0.0.0" ? "127.0.0.1" : bare === "::" ? "::1" : bare, port: Number(port) };
}

function describe(ledger: ClientLedger): string {
  return endings.map((ending) => `${ledger[ending]} ${ending}`).join(", ");
}

function summary({ clients, reloads, connections, lost }: Proof): string {
  const all = endings.reduce((sum, ending) => sum + connections[ending], 0);
  const verdict = lost === 0 ? "nothing was lost" : `${lost} lost`;
  return `${clients} clients, ${reloads} reloads, ${all} connections: ${describe(connections)}\n${verdict}`;
}
