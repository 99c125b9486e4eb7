// What can be asked of a log: a page of it, after some entry, of some units, from some level and time on.
import { isAddressed, unitOf } from "../unit-id.ts";
import { isAtLeast, type Level, type LogEntry } from "./log-entry.ts";
import type { LogRing } from "./log-ring.ts";

export interface LogQuery {
  /**
   * `"p2"` with its threads, `"p2.t1"`, or `"echo"` for a service. For a coroutine, `"p2.t1.c914"`: the lines of its
   * thread that name it. Default: all.
   */
  readonly unit?: string;
  /** The least serious level. Default: all. */
  readonly level?: Level;
  /** In ms since the epoch. */
  readonly since?: number;
  /** Entries after the one with this number: the `next` of the page before. Default: from the oldest that is kept. */
  readonly after?: number;
  /** Only the last so many. */
  readonly last?: number;
}

export interface LogPage {
  /** Oldest first. */
  readonly entries: readonly LogEntry[];
  /** Ask for the following page with this as `after`. */
  readonly next: number;
  /** Entries after `after` that are not kept any more, whatever they were about. */
  readonly skipped: number;
  /** There is more now. */
  readonly more: boolean;
}

/** Text on a page, in characters; an entry more is always there. */
const PAGE = 512 * 1024;

/** Whether the entry is asked for. */
export function matches({ service, unit, level, at, text }: LogEntry, query: LogQuery): boolean {
  if (query.level !== undefined && !isAtLeast(level, query.level)) return false;
  if (query.since !== undefined && at < query.since) return false;
  if (query.unit === undefined) return true;
  const holder = unitOf(query.unit);
  return isAddressed(holder, service, unit) && (holder === query.unit || names(text, query.unit));
}

/** Reads one page. */
export function readPage(ring: LogRing, query: LogQuery): LogPage {
  const after = query.after ?? ring.oldest - 1;
  const skipped = Math.max(0, ring.oldest - 1 - after);
  let seq = query.last === undefined ? after + skipped : beforeLast(ring, query, after + skipped, query.last);
  const entries: LogEntry[] = [];
  for (let length = 0; length < PAGE && seq < ring.latest; ) {
    const entry = ring.at(++seq);
    if (!entry || !matches(entry, query)) continue;
    entries.push(entry);
    length += entry.text.length;
  }
  return { entries, next: seq, skipped, more: seq < ring.latest };
}

/** The number before the first of the last so many matches. */
function beforeLast(ring: LogRing, query: LogQuery, after: number, count: number): number {
  let seq = ring.latest;
  for (let left = count; left > 0 && seq > after; seq--) {
    const entry = ring.at(seq);
    if (entry && matches(entry, query)) left--;
  }
  return seq;
}

/** Whether the id stands in the text, and not only as the beginning of a longer one. */
function names(text: string, id: string): boolean {
  for (let at = text.indexOf(id); at !== -1; at = text.indexOf(id, at + 1)) {
    if (!/\d/.test(text[at + id.length] ?? "")) return true;
  }
  return false;
}
