// The runtime's own random numbers: seedable, so that a test can replay its choices.

let state = (Math.random() * 2 ** 32) | 0 || 1;

/** Starts the sequence over from a seed. */
export function seedRandom(seed: number): void {
  state = seed | 0 || 1;
}

/** An integer from 0 to `below - 1`. Generator: Marsaglia, "Xorshift RNGs" (2003), 32 bits. */
export function randomBelow(below: number): number {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) % below;
}

/** A number from 0 up to, not including, 1. */
export function random(): number {
  return randomBelow(2 ** 30) / 2 ** 30;
}
