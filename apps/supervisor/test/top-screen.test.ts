// supervisor top without a terminal: what its keys change, and what is drawn, as pure functions.
import { stripVTControlCharacters } from "node:util";
import fc from "fast-check";
import { expect, test } from "vitest";
import { press } from "../src/top/keys.ts";
import { render } from "../src/top/render.ts";
import { sparkline } from "../src/top/sparkline.ts";
import { firstState, sortKeys, type TopState, withStatus } from "../src/top/state.ts";
import { processStatus, supervisorStatus, threadStatus } from "./statuses.ts";

const now = 1_000_000;

function shop(set: Parameters<typeof processStatus>[1] = {}, threads = 2) {
  const of = (unit: string) => Array.from({ length: threads }, (_, index) => threadStatus(`${unit}.t${index + 1}`));
  return supervisorStatus([
    processStatus("p1", { threads: of("p1"), total: 5, connections: 1 }),
    processStatus("p2", { threads: of("p2"), total: 9, connections: 4, ...set }),
  ]);
}

function draw(state: TopState, columns = 80, rows = 24): string[] {
  return render(state, { columns, rows }).map((line) => stripVTControlCharacters(line));
}

function pressing(state: TopState, ...names: string[]): TopState {
  return names.reduce((at, name) => press(at, name).state, state);
}

test("the tree with its figures fits 80 columns", () => {
  const first = firstState(shop(), now);
  const lines = draw(withStatus(first, shop({ total: 29 }), now + 2_000)).map((line) => line.trimEnd());
  expect(lines.slice(0, 8)).toEqual([
    "shop  pid 1  serving  up 16m  busy 2%  60MB",
    "UNIT           STATE        PID   UP FAIL  BUSY              MEMORY   LIVE NEW/S",
    "echo  127.0.0.1:8080                       100%         ▁█               5    10",
    "├─ p1          ready        100  16m        50%         ▅▅     50MB      1     0",
    "│  ├─ p1.t1    ready             16m        25%         ▃▃     12MB      0     0",
    "│  └─ p1.t2    ready             16m        25%         ▃▃     12MB      0     0",
    "└─ p2          ready        100  16m        50%         ▅▅     50MB      4    10",
    "   ├─ p2.t1    ready             16m        25%         ▃▃     12MB      0     0",
  ]);
  expect(lines.at(-1)).toBe("enter look  d dump  p profile  r recycle  s sort: id  ? help  q quit");
});

test("what is wrong comes first, and never takes the screen from the tree", () => {
  const failed = (unit: string) => processStatus(unit, { state: "backoff", lastFailure: { at: now, text: "killed" } });
  const many = supervisorStatus(Array.from({ length: 9 }, (_, index) => failed(`p${index + 1}`)));
  const lines = draw(firstState(many, now));
  expect(lines[1]).toBe("! echo has no process that serves");
  expect(lines[4]).toBe("! and 7 more");
  expect(lines[5]).toMatch(/^UNIT/);
});

test("keys select, sort, pause, ask before they recycle, and leave", () => {
  const first = firstState(shop(), now);
  expect(pressing(first, "down").selected).toBe("p1");
  expect(pressing(first, "j", "j", "k", "up", "up").selected).toBe("echo");
  const byLive = pressing(first, "s", "s", "s");
  expect(byLive.sort).toBe("live");
  expect(pressing(byLive, "down").selected).toBe("p2");
  expect(pressing(first, ...sortKeys.map(() => "s")).sort).toBe("id");
  const paused = withStatus(pressing(first, "space"), shop({ connections: 99 }), now + 1_000);
  expect(paused.status).toBe(first.status);
  expect(draw(paused)[0]).toMatch(/PAUSED$/);
  expect(press(pressing(first, "down", "down"), "return").action).toEqual({ do: "open", unit: "p1.t1" });
  const asked = press(pressing(first, "down", "down"), "r");
  expect(asked.action).toBeUndefined();
  expect(draw(asked.state).at(-1)).toMatch(/^replace p1\.t1 by a new one/);
  expect(press(asked.state, "y").action).toEqual({ do: "recycle", unit: "p1.t1" });
  expect(press(asked.state, "n").action).toBeUndefined();
  expect(press(pressing(asked.state, "n"), "y").action).toBeUndefined();
  expect(press(pressing(first, "j"), "d").action).toEqual({ do: "dump", unit: "p1" });
  expect(press(pressing(first, "j"), "p").action).toEqual({ do: "profile", unit: "p1" });
  expect(press(first, "q").action).toEqual({ do: "quit" });
  expect(draw(pressing(first, "?")).join("\n")).toContain("leave; everything goes on");
});

test("a unit's own screen has its coroutines and its last lines, and nothing that it wrote moves the cursor", () => {
  const coroutines = { ready: 1, running: 0, waiting: 3, cancelling: 0 };
  const status = supervisorStatus([processStatus("p1", { threads: [threadStatus("p1.t1", { coroutines })] })]);
  const entry = { seq: 1, at: now, service: "echo", unit: "p1.t1", level: "info", source: "stdout" } as const;
  const view = {
    kind: "unit",
    unit: "p1.t1",
    entries: [{ ...entry, text: "\u001b[2Jgone\r\nagain\u009b1A" }],
  } as const;
  const lines = render({ ...firstState(status, now), view }, { columns: 80, rows: 24 });
  const text = lines.map((line) => stripVTControlCharacters(line)).join("\n");
  expect(text).toContain("coroutines: 1 ready, 3 waiting");
  expect(text).toMatch(/p1\.t1 \| {2}\[2Jgone again 1A/);
  expect(draw({ ...firstState(status, now), view: { ...view, unit: "p9" } }).join("\n")).toContain("p9 is gone");
});

test("a text is scrolled within its ends, and what is in it does not move the cursor", () => {
  const lines = Array.from({ length: 50 }, (_, index) => `line ${index}\u001b[A`);
  const first: TopState = {
    ...firstState(shop(), now),
    view: { kind: "text", title: "coroutines of p1", lines, from: 0 },
  };
  expect(draw(pressing(first, "up")).slice(1, 3)).toEqual(["coroutines of p1", "line 0 [A"]);
  expect(draw(pressing(first, "pagedown", "down"))[2]).toBe("line 11 [A");
  expect(draw(pressing(first, ...Array(9).fill("pagedown")))[2]).toBe("line 49 [A");
  expect(pressing(first, "escape").view).toEqual({ kind: "tree" });
});

test("whatever the size, the keys and the units, there are as many lines as rows, and none is too wide", () => {
  const key = fc.constantFrom("up", "down", "s", "space", "?", "escape", "r", "y", "pagedown", "x");
  const size = fc.record({ columns: fc.integer({ min: 1, max: 120 }), rows: fc.integer({ min: 1, max: 40 }) });
  fc.assert(
    fc.property(
      fc.array(key, { maxLength: 12 }),
      size,
      fc.nat(20),
      fc.boolean(),
      (keys, { columns, rows }, threads, isWrong) => {
        const status = shop(isWrong ? { state: "backoff", lastFailure: { at: now, text: "killed" } } : {}, threads);
        const state = pressing(withStatus(firstState(status, now), status, now + 1_000), ...keys);
        const lines = draw(state, columns, rows);
        expect(lines).toHaveLength(rows);
        for (const line of lines) expect([...line].length).toBeLessThanOrEqual(columns);
        // The cursor stays on the screen.
        const shown = render(state, { columns: 80, rows: 12 }).map((line) => stripVTControlCharacters(line));
        if (state.view.kind === "tree") expect(shown.join("\n")).toContain(state.selected);
      },
    ),
  );
});

test("a sparkline shows the latest values on the right", () => {
  expect(sparkline([0, 1, 2, 3], 3)).toBe("▃▆█");
  expect(sparkline([0, 0.5, 1, 7], 6, 1)).toBe("  ▁▅██");
  expect(sparkline([], 2)).toBe("  ");
  expect(sparkline([0, 0], 2)).toBe("▁▁");
});
