// The answer of a policy that has nothing to do before a certain time.

/** Report a `tick` at `until` (on the clock of the events), unless something else happens first. */
export interface Wait {
  readonly action: "wait";
  readonly until: number;
}
