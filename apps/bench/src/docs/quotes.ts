// Numbers that pages quote from the result: what stands between `<!-- bench … -->` and `<!-- /bench -->` is written anew.
//
//   value | net idle | plait | memory       a contender's median with its unit; the metric may be left out
//   ratio | net small | plait | raw         how often as good one is as the other
//   targets                                 the table of all targets
import { figure, times } from "../harness/numbers.ts";
import { type Figures, NoSuchFigureError } from "./lookup.ts";
import { targetTable } from "./target-table.ts";

/** Gives a page with every quote as the result has it. */
export function writeQuotes(page: string, figures: Figures): string {
  return page.replace(/(<!-- bench (.+?) -->)[\s\S]*?(<!-- \/bench -->)/g, (_all, open, what: string, close) => {
    return `${open}${quote(what, figures)}${close}`;
  });
}

function quote(what: string, figures: Figures): string {
  const [kind = "", where = "", contender = "", last] = what.split("|").map((part) => part.trim());
  const [benchmark = "", scenario = ""] = where.split(" ");
  if (kind === "targets") return `\n\n${targetTable(figures.report)}\n\n`;
  if (kind === "ratio") return times(figures.ratio(benchmark, scenario, contender, last ?? "").median);
  if (kind !== "value") throw new NoSuchFigureError(`quote "${what}"`);
  const { median, unit } = figures.value(benchmark, scenario, contender, last);
  return `${figure(median)} ${unit}`;
}
