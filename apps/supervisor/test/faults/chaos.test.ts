// Processes and threads are killed at random, again and again, under load.
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { pause } from "../pause.ts";
import { Client, type RunningSupervisor } from "../supervisor-program.ts";
import { VersionedService } from "../versions.ts";
import { CountingClients, expectExplained } from "./counting-clients.ts";

/** How long, in ms, and how often. */
const DURATION = process.env.PLAIT_LONG ? 30_000 : 2_500;
const EVERY = 100;
/** `PLAIT_SEED=… npx vitest run …` kills the same units in the same order again, and connections arrive in the same way. */
const seed = Number(process.env.PLAIT_SEED ?? Date.now() % 2 ** 32);

/** Who accepts: by the seed, so that both ways have their turn. */
const accept = seed % 2 === 0 ? "handoff" : "direct";

test(`chaos with seed ${seed}, ${accept}: afterwards everything serves, nothing has leaked, and the books add up`, async () => {
  console.log(`PLAIT_SEED=${seed}`);
  const random = generator(seed);
  const backoff = { initial: "10ms", factor: 1, cap: "50ms" };
  const endless = { intensity: 10_000, backoff };
  const deployed = new VersionedService({
    topology: { processes: 2, threads: 2 },
    listen: { host: "127.0.0.1", port: 0, accept },
    restart: { thread: endless, process: endless },
  });
  deployed.deploy("1", { onText: 'if (text === "die") setTimeout(() => { throw new Error("chaos"); }, 0);' });
  const running = await deployed.running;
  const before = descriptorsOf(running.child.pid);
  const clients = new CountingClients(running.port);
  const killed: Promise<boolean>[] = [];

  const until = performance.now() + DURATION;
  while (performance.now() < until) {
    const [kind, which] = [random(), random()];
    if (kind < 0.3) {
      const processes = await running.processes();
      const victim = processes[Math.floor(which * processes.length)];
      if (victim?.pid) process.kill(victim.pid, "SIGKILL");
    } else {
      killed.push(killThread(running.port));
    }
    // The beat of the killing, not a wait for anything.
    await sleep(EVERY);
  }

  for (;;) {
    const states = (await running.processes()).flatMap(({ state, threads }) => [
      state,
      ...threads.map((each) => each.state),
    ]);
    if (states.length === 6 && states.every((state) => state === "ready")) break;
    await pause();
  }
  await clients.more(20);
  const killers = (await Promise.all(killed)).filter((isConnected) => isConnected).length;
  const books = await clients.stop();
  const died = { processes: ended(running, /p\d ended: /g), threads: ended(running, /p\d\.t\d ended: /g) };
  // Each that accepts may have had one that is in no book: a process, or each of its two threads.
  const deaths = accept === "direct" ? died.threads + 2 * died.processes : died.processes;
  const explained = { ...books, connected: books.connected + killers, broken: books.broken + killers };
  await expectExplained(running, explained, deaths);
  const left = (await running.processes()).map(({ pid }) => pid ?? 0);
  if (process.platform === "linux") expect(childrenOf(running.child.pid)).toEqual(left.toSorted((a, b) => a - b));
  // The channel, the pipes and the scoreboard of each process that runs, and of none that has died. Whoever has just asked
  // the supervisor something may still be connected.
  await expect.poll(() => descriptorsOf(running.child.pid)).toEqual(before);
  console.log(
    `${died.processes} processes and ${died.threads} threads died; of ${books.connected} connections ${books.served} were served, ${books.broken} broken`,
  );
}, 120_000);

function ended({ stderr }: RunningSupervisor, line: RegExp): number {
  return stderr.match(line)?.length ?? 0;
}

/** A thread dies of an error; whoever it served with it. Resolves with whether the one who asked for it was connected. */
async function killThread(port: number): Promise<boolean> {
  const client = new Client(port);
  let isConnected = false;
  client.socket.once("connect", () => {
    isConnected = true;
    client.socket.write("die");
  });
  expect(await client.closed).not.toBe("refused");
  return isConnected;
}

/** Numbers between 0 and 1 that only the seed decides: mulberry32 (https://gist.github.com/tommyettinger/46a874533244883189143505d203312c). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** How many descriptors of each kind a process has. Linux only. */
function descriptorsOf(pid = 0): Record<string, number> {
  const kinds: Record<string, number> = {};
  if (process.platform !== "linux") return kinds;
  for (const descriptor of readdirSync(`/proc/${pid}/fd`)) {
    const kind = kindOf(`/proc/${pid}/fd/${descriptor}`);
    // pidusage keeps those of processes that are gone for up to 90 s.
    if (kind === "/proc/…/stat") continue;
    if (kind) kinds[kind] = (kinds[kind] ?? 0) + 1;
  }
  return kinds;
}

function kindOf(descriptor: string): string | undefined {
  try {
    return readlinkSync(descriptor).replace(/\d+|plait-\w+/g, "…");
  } catch {
    // It has just been closed.
    return undefined;
  }
}

/** The processes that a process has started and that are there, in order. Linux only. */
function childrenOf(pid = 0): number[] {
  return readdirSync("/proc")
    .flatMap((name) => (/^\d+$/.test(name) && parentOf(name) === pid ? [Number(name)] : []))
    .toSorted((a, b) => a - b);
}

function parentOf(pid: string): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name, in brackets, may hold anything; the state and the parent follow the last one.
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    // It has just ended.
    return undefined;
  }
}
