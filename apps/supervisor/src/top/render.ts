// Draws the screen of "supervisor top": a pure function from the state and the size to lines.
import type { LogEntry } from "@plait/supervisor";
import { colors } from "../colors.ts";
import { showAge, showCount, showShare, showSize } from "../figures.ts";
import type { TreeRow } from "../tree-rows.ts";
import { troubleOf } from "../trouble.ts";
import { keyHelp } from "./keys.ts";
import { sparkline } from "./sparkline.ts";
import { memoryOf, rowsOf, type TopState } from "./state.ts";

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

interface Line {
  readonly text: string;
  readonly style?: (text: string) => string;
}

/** Sentences about what is wrong that are shown; of the others, how many there are. */
const TROUBLES = 4;

/** As many lines as the screen has rows, none of them wider than the screen. */
export function render(state: TopState, { columns, rows }: Size): string[] {
  const head = headOf(state);
  const foot: Line = state.message
    ? { text: state.message, style: colors.yellow }
    : { text: `enter look  d dump  p profile  r recycle  s sort: ${state.sort}  ? help  q quit`, style: colors.dim };
  const room = Math.max(0, rows - head.length - 1);
  const body = bodyOf(state, columns, room).slice(0, room);
  const blank = Array.from({ length: room - body.length }, (): Line => ({ text: "" }));
  return [...head, ...body, ...blank, foot].slice(0, rows).map(({ text, style = String }) => style(fit(text, columns)));
}

function headOf({ status, at, paused }: TopState): Line[] {
  const { name, pid, state, startedAt, usage } = status;
  const age = showAge(at - startedAt);
  const uses = usage ? `  busy ${showShare(usage.cpu)}  ${showSize(usage.memory)}` : "";
  const wrong = troubleOf(status, at);
  const more = wrong.length > TROUBLES ? [`and ${wrong.length - TROUBLES + 1} more`] : [];
  const shown = [...wrong.slice(0, more.length > 0 ? TROUBLES - 1 : TROUBLES), ...more];
  return [
    { text: `${name}  pid ${pid}  ${state}  up ${age}${uses}${paused ? "  PAUSED" : ""}`, style: colors.bold },
    ...shown.map((text) => ({ text: `! ${text}`, style: colors.red })),
  ];
}

function bodyOf(state: TopState, columns: number, room: number): Line[] {
  const { view } = state;
  if (view.kind === "help") return keyHelp.map(([key, meaning]) => ({ text: `${key.padEnd(12)} ${meaning}` }));
  if (view.kind === "text") {
    const lines = view.lines.slice(view.from).map((text) => ({ text: printable(text) }));
    return [{ text: view.title, style: colors.bold }, ...lines];
  }
  if (view.kind === "unit") return unitBody(state, view, columns);
  const rows = rowsOf(state);
  const heading: Line = { text: cells(headings, columns), style: colors.dim };
  // Keep the cursor on the screen.
  const at = rows.findIndex(({ id }) => id === state.selected);
  const from = Math.max(0, Math.min(at - Math.floor(room / 2), rows.length - (room - 1)));
  return [heading, ...rows.slice(from).map((row) => treeLine(row, state, columns))];
}

const headings = ["UNIT", "STATE", "PID", "UP", "FAIL", "BUSY", "", "MEMORY", "LIVE", "NEW/S"];
const widths = [14, 8, 7, 4, 4, 5, 10, 8, 6, 5];
/** Columns that line up on the left. */
const words = [0, 1];
const GRAPH = 6;

/** Columns that a service's name and addresses take. */
const NAMED = 5;

function treeLine(row: TreeRow, state: TopState, columns: number): Line {
  const samples = state.history.get(row.id) ?? [];
  const { rate = 0, busy = 0 } = samples.at(-1) ?? {};
  const graph = (figures: readonly number[], max?: number) => sparkline(figures, widths[GRAPH] ?? 0, max);
  const style = row.id === state.selected ? colors.inverse : styleOf(row);
  if (row.tier === "service") {
    const { listeners, processes } = row.status;
    const live = processes.reduce((sum, { connections }) => sum + connections, 0);
    const named = widths.slice(0, NAMED).reduce((sum, width) => sum + width + 1, -1);
    const left = fit(
      `${row.id}  ${listeners.map(({ address, suspended }) => (suspended ? `${address} (suspended)` : address)).join(" ")}`,
      named,
    ).padEnd(named);
    const arrivals = graph(samples.map((sample) => sample.rate));
    const right = padded([showShare(busy), arrivals, "", showCount(live), showCount(rate)], NAMED);
    return { text: fit([left, ...right].join(" "), columns), style };
  }
  const { status, branch } = row;
  const texts = [
    `${branch}${row.id}`,
    status.state,
    row.tier === "process" ? String(row.status.pid ?? "") : "",
    showAge(state.at - status.startedAt),
    status.failures === 0 ? "" : showCount(status.failures),
    status.usage === null ? "" : showShare(busy),
    graph(
      samples.map((sample) => sample.busy),
      1,
    ),
    showSize(memoryOf(status) || undefined),
    showCount(status.connections),
    showCount(rate),
  ];
  return { text: cells(texts, columns), style };
}

function styleOf({ tier, status }: TreeRow): (text: string) => string {
  if (tier === "service") return colors.bold;
  return status.state === "ready" ? String : colors.yellow;
}

function unitBody(state: TopState, view: Extract<TopState["view"], { kind: "unit" }>, columns: number): Line[] {
  const row = rowsOf(state).find(({ id }) => id === view.unit);
  if (!row) return [{ text: `${view.unit} is gone` }];
  const counts = row.tier === "service" ? null : row.status.coroutines;
  const outcomes = row.tier === "service" ? {} : row.status.outcomes;
  const show = (of: Readonly<Record<string, number>>) =>
    Object.entries(of).flatMap(([name, count]) => (count > 0 ? [`${count} ${name}`] : []));
  const parts = [
    ...(counts ? [`coroutines: ${show(counts).join(", ") || "none"}`] : []),
    ...(row.tier === "service" ? [] : [`connections: ${[`${row.status.total} in all`, ...show(outcomes)].join(", ")}`]),
  ];
  return [
    { text: cells(headings, columns), style: colors.dim },
    treeLine(row, { ...state, selected: "" }, columns),
    { text: "" },
    ...parts.map((text) => ({ text })),
    { text: "" },
    { text: "what it wrote last, and what happened to it", style: colors.dim },
    ...view.entries.map((entry) => ({ text: logLine(entry) })),
  ];
}

function logLine({ at, unit, source, text }: LogEntry): string {
  const time = new Date(at).toTimeString().slice(0, 8);
  return `${time} ${source === "supervisor" ? "" : `${unit} | `}${printable(text)}`;
}

function cells(texts: readonly string[], columns: number): string {
  return fit(padded(texts, 0).join(" "), columns);
}

function padded(texts: readonly string[], first: number): string[] {
  return texts.map((text, index) => {
    const column = index + first;
    const width = widths[column] ?? 0;
    return words.includes(column) ? fit(text, width).padEnd(width) : text.padStart(width);
  });
}

/** At most so many characters. */
function fit(text: string, columns: number): string {
  const characters = [...text];
  return characters.length <= columns ? text : characters.slice(0, columns).join("");
}

/** Without control characters: what a service wrote must not move the cursor. */
function printable(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, " ");
}
