// Finds the name that somebody probably meant.

/**
 * The candidate closest to `name`, if one is close enough to be a slip of the finger: at most a third of its letters
 * inserted, left out, replaced or swapped with their neighbour (optimal string alignment distance), or the end cut off.
 *
 * @example
 * ```ts
 * nearestName("proceses", ["processes", "threads"]); // => "processes"
 * ```
 */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  let nearest: string | undefined;
  let shortest = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const candidate of candidates) {
    const cutOff = name.length >= 3 && candidate.toLowerCase().startsWith(name.toLowerCase());
    const far = cutOff ? 1 : distance(name.toLowerCase(), candidate.toLowerCase());
    if (far < shortest) [nearest, shortest] = [candidate, far];
  }
  return nearest;
}

/** ` Did you mean "processes"?`, or nothing. */
export function didYouMean(name: string, candidates: Iterable<string>): string {
  const nearest = nearestName(name, candidates);
  return nearest === undefined ? "" : ` Did you mean "${nearest}"?`;
}

function distance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let best = Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, at(beforeLast, j - 2) + 1);
      row.push(best);
    }
    [beforeLast, last] = [last, row];
  }
  return at(last, b.length);
}

function at(row: readonly number[], j: number): number {
  return row[j] ?? 0;
}
