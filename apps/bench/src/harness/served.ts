// A contender that is a server under a load: started for each measurement, and gone after it.
import type { LoadPlan, TrafficGroup } from "../load/wire.ts";
import type { Contender, Round } from "./benchmark.ts";
import { type Loaded, putLoad } from "./load.ts";
import { loadValues } from "./metrics.ts";
import type { Peer } from "./peer.ts";
import { Server, type ServerProgram } from "./server.ts";

export interface ServedOptions {
  readonly what?: string;
  readonly needs?: Peer;
  /** What the load says, by metric. Default: {@link loadValues}. */
  readonly values?: (loaded: Loaded) => Record<string, number>;
}

/** @param program called before each measurement, so that a peer is looked for only when it takes part */
export function served(
  name: string,
  program: () => ServerProgram,
  plan: (round: Round) => LoadPlan,
  { what, needs, values = loadValues }: ServedOptions = {},
): Contender {
  return {
    name,
    ...(what !== undefined && { what }),
    ...(needs !== undefined && { needs }),
    async measure(round) {
      const described = program();
      await using server = await Server.start(described);
      // A server on every core leaves none for the load alone.
      const loaded = await putLoad(server, plan(round), described.cores === "any" ? "any" : "load");
      if (loaded.counts.every((count) => count === 0)) throw new Error("it answered nothing while it was measured");
      return { values: values(loaded), notes: loaded.notes };
    },
  };
}

/** The load of connections that stay and send again as soon as they have their reply. */
export function traffic(...groups: readonly TrafficGroup[]): (round: Round) => LoadPlan {
  return ({ ms, warmUpMs }) => ({ kind: "traffic", warmUpMs, ms, groups });
}
