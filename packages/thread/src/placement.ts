// Which thread a new connection goes to.

/** What a placement sees of a thread that could take the connection. */
export interface Candidate {
  readonly unit: string;
  /** Connections it is serving now. */
  readonly connections: number;
}

/** Picks one of the candidates, of which there is at least one. */
export type Placement = <C extends Candidate>(candidates: readonly C[]) => C | undefined;

/** The thread with the fewest connections; the first of several. */
export const leastConnections: Placement = (candidates) => {
  let best = candidates[0];
  for (const candidate of candidates) {
    if (best && candidate.connections < best.connections) best = candidate;
  }
  return best;
};
