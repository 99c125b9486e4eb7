// Colours on a terminal, and nowhere else: picocolors alone would also colour what a CI job writes into a file.
import picocolors from "picocolors";

const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
const isTerminal = process.stdout.isTTY === true && TERM !== "dumb";

/** `NO_COLOR` and `FORCE_COLOR` decide, else whether standard output is a terminal. */
export const colors: ReturnType<typeof picocolors.createColors> = picocolors.createColors(
  !NO_COLOR && (Boolean(FORCE_COLOR) || isTerminal),
);
