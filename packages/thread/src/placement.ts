// Which thread a new connection goes to.
import { pathToFileURL } from "node:url";
import { NotAPlacementError } from "./errors.ts";

/** What a placement sees of a thread that could take the connection. */
export interface Candidate {
  readonly unit: string;
  /** Connections it is serving now. */
  readonly connections: number;
}

/**
 * Picks one of the candidates, of which there is at least one.
 *
 * @param peer the client's address without its port; undefined when it is gone already
 */
export type Placement = <C extends Candidate>(candidates: readonly C[], peer: string | undefined) => C | undefined;

/** The thread with the fewest connections; the first of several. */
export const leastConnections: Placement = (candidates) => {
  let best = candidates[0];
  for (const candidate of candidates) {
    if (best && candidate.connections < best.connections) best = candidate;
  }
  return best;
};

/**
 * The one with fewer connections of two that chance picks: nearly as even as the fewest, without everybody's next
 * connection going to the same thread. See Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing" (2001).
 *
 * @param random gives numbers from 0 up to 1
 */
export function powerOfTwo(random: () => number = Math.random): Placement {
  return (candidates) => {
    const first = Math.floor(random() * candidates.length);
    // Of the others, so that two different ones are compared.
    const second = (first + 1 + Math.floor(random() * (candidates.length - 1))) % candidates.length;
    return leastConnections(
      [first, second].flatMap((index) => candidates[index] ?? []),
      undefined,
    );
  };
}

/** One thread after the other. */
export function roundRobin(): Placement {
  let turn = 0;
  return (candidates) => candidates[turn++ % candidates.length];
}

/**
 * The same thread for all connections of a client's address, for as long as that thread is there. Rendezvous hashing:
 * when threads come or go, only the clients of those threads move.
 */
export const byPeer: Placement = (candidates, peer = "") => {
  let best = candidates[0];
  let highest = -1;
  for (const candidate of candidates) {
    const score = hash(`${candidate.unit} ${peer}`);
    if (score > highest) {
      highest = score;
      best = candidate;
    }
  }
  return best;
};

/** The policies that a configuration can name. */
const policies: Readonly<Record<string, () => Placement>> = {
  "least-connections": () => leastConnections,
  "power-of-two": () => powerOfTwo(),
  "round-robin": roundRobin,
  hash: () => byPeer,
};

/**
 * The placement that a configuration means.
 *
 * @param named a policy's name, or the path of a module whose default export is a {@link Placement}
 * @throws {NotAPlacementError} when the module's default export is none
 */
export async function loadPlacement(named: string): Promise<Placement> {
  const policy = Object.hasOwn(policies, named) ? policies[named] : undefined;
  if (policy) return policy();
  const exports = (await import(pathToFileURL(named).href)) as { readonly default?: unknown };
  if (typeof exports.default !== "function") throw new NotAPlacementError(named);
  return exports.default as Placement;
}

/** FNV-1a, 32 bits, with the finishing steps of MurmurHash3: units and addresses differ in a digit or two. */
function hash(text: string): number {
  let state = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) state = Math.imul(state ^ text.charCodeAt(at), 0x01000193);
  state = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
  state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35);
  return (state ^ (state >>> 16)) >>> 0;
}
