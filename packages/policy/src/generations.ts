// Decides which units of older generations may go on beside the current one, and which of them have to end.
//
// A reload makes a generation. What still has connections when its drain is over may be kept, and nothing is kept that is
// more than `keep` generations older than the current one. So there are never more than `keep` old generations, and never
// code or configuration that is older than that many reloads.

/** What happened to the units of a group; `U` is whatever stands for one unit, the same value each time. */
export type GenerationEvent<U> =
  /** A unit of this generation took the place of an older one. A reload that only tried is none. */
  | { readonly type: "took-over"; readonly generation: number }
  /** Its drain is over, and it still has connections. */
  | { readonly type: "overdue"; readonly unit: U; readonly generation: number }
  | { readonly type: "gone"; readonly unit: U }
  /** How many old generations may be kept from now on. */
  | { readonly type: "limit"; readonly keep: number }
  /** Everything is being ended: nothing is kept from now on, and whoever ends it ends what is kept. */
  | { readonly type: "close" };

export interface GenerationDecision<U> {
  /** "keep": it goes on with the connections that it has. "end": drain, cancel and end it now. */
  readonly action: "keep" | "end";
  readonly unit: U;
}

/**
 * The generations of a group. It owns nothing: report what happened, and carry out what it answers.
 *
 * @example
 * ```ts
 * const generations = new Generations<string>(1);
 * generations.decide({ type: "took-over", generation: 2 }); // => []
 * generations.decide({ type: "overdue", unit: "p1#1", generation: 1 }); // => [{ action: "keep", unit: "p1#1" }]
 * generations.decide({ type: "took-over", generation: 3 }); // => [{ action: "end", unit: "p1#1" }]
 * ```
 */
export class Generations<U> {
  #keep: number;
  #current = 1;
  #closed = false;
  readonly #kept = new Map<U, number>();

  /** @param keep how many old generations may be kept; 0 is none */
  constructor(keep: number) {
    this.#keep = keep;
  }

  /** The latest generation that took over; the first is 1. */
  get current(): number {
    return this.#current;
  }

  /** What is kept, with its generation. */
  get kept(): ReadonlyMap<U, number> {
    return this.#kept;
  }

  decide(event: GenerationEvent<U>): GenerationDecision<U>[] {
    switch (event.type) {
      case "took-over":
        this.#current = Math.max(this.#current, event.generation);
        return this.#endTooOld();
      case "limit":
        this.#keep = event.keep;
        return this.#endTooOld();
      case "overdue": {
        const { unit, generation } = event;
        if (this.#closed || !this.#mayStay(generation)) return [{ action: "end", unit }];
        this.#kept.set(unit, generation);
        return [{ action: "keep", unit }];
      }
      case "gone":
        this.#kept.delete(event.unit);
        return [];
      case "close":
        this.#closed = true;
        this.#kept.clear();
        return [];
    }
  }

  #mayStay(generation: number): boolean {
    return generation < this.#current && this.#current - generation <= this.#keep;
  }

  #endTooOld(): GenerationDecision<U>[] {
    const tooOld = [...this.#kept].filter(([, generation]) => !this.#mayStay(generation)).map(([unit]) => unit);
    for (const unit of tooOld) this.#kept.delete(unit);
    return tooOld.map((unit) => ({ action: "end", unit }));
  }
}
