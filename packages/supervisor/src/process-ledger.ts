// Adds up what happened to the connections of each slot, over all the processes that it had.
//
// total = being served + ended, by outcome + lost, at any time and for every slot:
// - A process that ends as asked reports its counters last thing, so they are exact.
// - Of one that is killed only its last report is known, at most `reportEvery` old: what it was serving or had waiting
//   then counts as lost, and what it accepted since is in neither sum.
import { addCounts, type ConnectionCounts, noConnections, type ProcessShare } from "./status.ts";

/** How often a process reports its counters, in ms. */
export const reportEvery = 1_000;

/** Counters by slot and incarnation. It owns nothing. */
export class ProcessLedger {
  /** Each living incarnation's last report. */
  readonly #living = new Map<string, Map<number, ProcessShare>>();
  /** Of all that have ended. */
  readonly #ended = new Map<string, ConnectionCounts>();

  /** Takes a report of an incarnation that is alive. */
  report(unit: string, incarnation: number, share: ProcessShare): void {
    const living = this.#living.get(unit) ?? new Map<number, ProcessShare>();
    living.set(incarnation, share);
    this.#living.set(unit, living);
  }

  /** Closes the account of an incarnation that is gone: what it had not finished is lost. */
  close(unit: string, incarnation: number): void {
    const last = this.#living.get(unit)?.get(incarnation);
    if (!last) return;
    this.#living.get(unit)?.delete(incarnation);
    const { connections, total, outcomes, lost, waiting } = last;
    const ended = { connections: 0, total: total + waiting, outcomes, lost: lost + connections + waiting };
    this.#ended.set(unit, addCounts(this.#ended.get(unit) ?? noConnections, ended));
  }

  /** An incarnation's last report. */
  last(unit: string, incarnation: number): ProcessShare | undefined {
    return this.#living.get(unit)?.get(incarnation);
  }

  /** A slot's counters: of its running process, of those beside it, and of all before. */
  of(unit: string): ConnectionCounts {
    const living = [...(this.#living.get(unit)?.values() ?? [])];
    return living.reduce<ConnectionCounts>(addCounts, this.#ended.get(unit) ?? noConnections);
  }
}
