// supervisor top: the status, live in the terminal.
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { stripVTControlCharacters } from "node:util";
import { parseDuration } from "@plait/config/units";
import type { ControlClient } from "@plait/supervisor";
import { type Command, InvalidArgumentError } from "commander";
import { connectTo } from "../running.ts";
import { press } from "../top/keys.ts";
import { render } from "../top/render.ts";
import { Screen } from "../top/screen.ts";
import { type Action, firstState, type TopState, withStatus } from "../top/state.ts";
import { UsageError } from "../usage-error.ts";

/** Lines of a unit that are shown. */
const LINES = 100;
/** Length of a profile, in ms. */
const PROFILE = 5_000;

export function defineTop(program: Command): void {
  program
    .command("top")
    .description("show what runs, live in the terminal; ? lists its keys")
    .argument("[name]", "the supervisor's name (default: the one of this folder, or the only one that runs)")
    .option("-i, --interval <duration>", "time between two looks", interval, 1_000)
    .addHelpText("after", "\nExample:\n  supervisor top echo --interval 500ms")
    .action(async (name: string | undefined, flags: { interval: number }) => {
      if (!process.stdin.isTTY || !process.stdout.isTTY) {
        throw new UsageError(
          'top needs a terminal; "supervisor status" prints the same once, also into a pipe or a file',
        );
      }
      using client = await connectTo(name);
      await watch(client, flags.interval);
    });
}

async function watch(client: ControlClient, interval: number): Promise<void> {
  const leaving = new AbortController();
  let state = firstState(await client.call("status", {}), Date.now());
  const show = (next: TopState) => {
    state = next;
    screen.draw(render(state, screen.size));
  };
  const carryOut = async (action: Action) => {
    if (action.do === "quit") return leaving.abort();
    try {
      const after = await perform(client, action);
      show({ ...state, message: "", ...after });
    } catch (error) {
      show({ ...state, message: error instanceof Error ? error.message : String(error) });
    }
  };
  using screen = new Screen({
    input: process.stdin,
    output: process.stdout,
    onKey: (name) => {
      const { state: next, action } = press(state, name);
      show(next);
      if (action) void carryOut(action);
    },
    onResize: () => show(state),
  });
  for (const [signal, code] of Object.entries(signalExits)) {
    process.once(signal, () => {
      process.exitCode = code;
      leaving.abort();
    });
  }
  show(state);
  while (!leaving.signal.aborted) {
    await sleep(interval, undefined, { signal: leaving.signal }).catch(() => {});
    if (leaving.signal.aborted) return;
    const status = await client.call("status", {});
    const view = state.view.kind === "unit" ? await look(client, state.view.unit) : undefined;
    // Read the state now and not before it was asked for: a key may have changed it meanwhile.
    const next = withStatus(state, status, Date.now());
    const isSame = view && next.view.kind === "unit" && next.view.unit === view.unit;
    show(isSame ? { ...next, view } : next);
  }
}

/** 128 and the signal's number, as a shell says it. */
const signalExits = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };

/** Does what a key asks for, and says how it changes what is shown. */
async function perform(client: ControlClient, action: Exclude<Action, { do: "quit" }>): Promise<Partial<TopState>> {
  if (action.do === "open") return { view: await look(client, action.unit) };
  if (action.do === "dump") return { view: await dump(client, action.unit) };
  if (action.do === "profile") {
    const file = resolve(`${action.unit}-${Date.now()}.cpuprofile`);
    await client.call("profile", { unit: action.unit, file, ms: PROFILE });
    return { message: `${action.unit} was profiled: ${file}` };
  }
  await client.call("restart", { unit: action.unit });
  return { message: `${action.unit} was replaced` };
}

async function dump(client: ControlClient, unit: string): Promise<TopState["view"]> {
  const isService = (await client.call("status", {})).services.some(({ name }) => name === unit);
  const { services } = await client.call("dump", isService ? {} : { unit });
  // Loaded here: it brings the coroutine package.
  const { drawDump } = await import("../draw-dump.ts");
  const text = stripVTControlCharacters(drawDump(services.filter(({ name }) => !isService || name === unit)));
  return { kind: "text", title: `coroutines of ${unit}`, lines: text.split("\n"), from: 0 };
}

async function look(client: ControlClient, unit: string): Promise<Extract<TopState["view"], { kind: "unit" }>> {
  const { entries } = await client.call("logs", { unit, last: LINES });
  return { kind: "unit", unit, entries: entries.toReversed() };
}

function interval(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined || ms < 100) throw new InvalidArgumentError('Write a duration of at least 100ms, such as "1s".');
  return ms;
}
