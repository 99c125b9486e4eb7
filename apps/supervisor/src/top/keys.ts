// What each key does in "supervisor top".
import { type Action, rowsOf, sortKeys, type TopState } from "./state.ts";

/** Key and meaning, for the help. */
export const keyHelp: readonly (readonly [string, string])[] = [
  ["up down j k", "select a unit, or scroll"],
  ["enter", "look at the selected unit: its figures and what it wrote last"],
  ["esc", "go back to the tree"],
  ["s", "sort by id, busy, memory, live, rate"],
  ["space", "stand still, go on"],
  ["d", "dump: the selected unit's coroutines, what each waits on, for how long and where"],
  ["p", "profile the selected process or thread for five seconds, into a file here"],
  ["r", "recycle the selected process or thread, or a service's processes: new before old"],
  ["? h", "this help"],
  ["q ctrl-c", "leave; everything goes on"],
];

export interface Pressed {
  readonly state: TopState;
  readonly action?: Action;
}

/** @param name the key as Node's `keypress` event calls it, or its character */
export function press(state: TopState, name: string): Pressed {
  if (name === "q" || name === "ctrl-c") return { state, action: { do: "quit" } };
  const { selected: unit, asked } = state;
  const quiet: TopState = { ...state, message: "", asked: undefined };
  if (asked) return name === "y" ? { state: { ...quiet, message: "…" }, action: asked } : { state: quiet };
  switch (name) {
    case "up":
    case "k":
      return { state: move(quiet, -1) };
    case "down":
    case "j":
      return { state: move(quiet, 1) };
    case "pageup":
      return { state: move(quiet, -10) };
    case "pagedown":
      return { state: move(quiet, 10) };
    case "escape":
      return { state: { ...quiet, view: { kind: "tree" } } };
    case "?":
    case "h":
      return { state: { ...quiet, view: { kind: "help" } } };
    case "s":
      return { state: { ...quiet, sort: sortKeys[(sortKeys.indexOf(state.sort) + 1) % sortKeys.length] ?? "id" } };
    case "space":
      return { state: { ...quiet, paused: !state.paused } };
    case "return":
      return state.view.kind === "tree" ? { state: quiet, action: { do: "open", unit } } : { state: quiet };
    case "d":
      return { state: { ...quiet, message: `asking ${unit} for its coroutines…` }, action: { do: "dump", unit } };
    case "p":
      return { state: { ...quiet, message: `profiling ${unit}…` }, action: { do: "profile", unit } };
    case "r": {
      const message = `replace ${unit} by a new one, new before old? y, or any other key`;
      return { state: { ...quiet, message, asked: { do: "recycle", unit } } };
    }
    default:
      return { state: quiet };
  }
}

function move(state: TopState, by: number): TopState {
  const { view } = state;
  if (view.kind === "text") {
    const from = Math.min(Math.max(0, view.from + by), Math.max(0, view.lines.length - 1));
    return { ...state, view: { ...view, from } };
  }
  if (view.kind !== "tree") return state;
  const ids = rowsOf(state).map(({ id }) => id);
  const at = ids.indexOf(state.selected);
  return { ...state, selected: ids[Math.min(Math.max(0, at + by), ids.length - 1)] ?? state.selected };
}
