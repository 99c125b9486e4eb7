// The reference model: the restart intensity rule of an OTP supervisor, in its plainest form.

/**
 * Says for every exit whether OTP would restart (true) or give up (false). It gives up when more than `intensity`
 * restarts, this one included, lie within the last `period` milliseconds (OTP design principles, "Maximum Restart
 * Intensity"). Stops at the first `false`.
 */
export function otpVerdicts(exits: readonly number[], intensity: number, period: number): boolean[] {
  const verdicts: boolean[] = [];
  for (const [i, now] of exits.entries()) {
    const within = exits.slice(0, i + 1).filter((at) => now - at <= period).length;
    verdicts.push(within <= intensity);
    if (within > intensity) break;
  }
  return verdicts;
}
