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
    this.#before.push(from);
    if (this.#before.length > KEPT) this.#before.shift();
    return moved;
  }

  /**
   * Moves to what ran before.
   *
   * @throws {NoRevisionError} when there is nothing, or nothing that differs
   */
  async goBack(move: (to: Revision) => Promise<unknown>): Promise<Revision> {
    const to = this.#before.at(-1);
    if (!to) throw new NoRevisionError("no reload has succeeded so far");
    const { deployment, entries } = this.#current;
    const sameEntries = [...to.entries].every(([name, entry]) => entries.get(name) === entry);
    if (sameEntries && diffConfig(deployment, to.deployment).every(({ change }) => change === "none")) {
      throw new NoRevisionError(
        "what ran before has the same configuration and its code the same paths; put the old files back and reload",
      );
    }
    await move(to);
    this.#current = to;
    this.#before.pop();
    return to;
  }
}
