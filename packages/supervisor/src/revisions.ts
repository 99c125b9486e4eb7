// What a deployment runs and what it ran before: forwards with a reload that succeeds, back with a rollback that does.
import { type Deployment, diffConfig } from "@plait/config";
import { NoRevisionError } from "./errors.ts";
import { type Revision, revisionOf } from "./revision.ts";

/** How many revisions are kept to go back to. */
const KEPT = 10;

/** It owns nothing. */
export class Revisions {
  #current: Revision;
  /** The latest last. */
  readonly #before: Revision[] = [];
  /** What a move was to that ended half-way: some units run it, the others what is current. */
  #halfway: Revision | undefined;

  constructor(deployment: Deployment) {
    this.#current = revisionOf(deployment);
  }

  /** What runs: that of the last move that succeeded. */
  get current(): Revision {
    return this.#current;
  }

  /** Moves on to a deployment as it is now. */
  async advance<T>(deployment: Deployment, move: (to: Revision) => Promise<T>): Promise<T> {
    const [from, to] = [this.#current, revisionOf(deployment)];
    const moved = await move(to);
    this.#current = to;
    this.#halfway = undefined;
    this.#before.push(from);
    if (this.#before.length > KEPT) this.#before.shift();
    return moved;
  }

  /** A move to it failed, and some units run it already: a rollback takes that back first. */
  leaveHalfway(to: Revision): void {
    this.#halfway = to;
  }

  /**
   * Moves to what ran before: before a move that ended half-way, or else before the last one that succeeded.
   *
   * @throws {NoRevisionError} when there is nothing, or nothing that differs
   */
  async goBack(move: (to: Revision) => Promise<unknown>): Promise<Revision> {
    const to = this.#halfway ? this.#current : this.#before.at(-1);
    if (!to) throw new NoRevisionError("no reload has succeeded so far");
    const { deployment, entries } = this.#halfway ?? this.#current;
    const sameEntries = [...to.entries].every(([name, entry]) => entries.get(name) === entry);
    if (sameEntries && diffConfig(deployment, to.deployment).every(({ change }) => change === "none")) {
      throw new NoRevisionError(
        "what ran before has the same configuration and its code the same paths; put the old files back and reload",
      );
    }
    await move(to);
    if (to !== this.#current) this.#before.pop();
    this.#current = to;
    this.#halfway = undefined;
    return to;
  }
}
