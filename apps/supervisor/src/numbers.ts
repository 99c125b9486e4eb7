// Reads a number from the command line.
import { InvalidArgumentError } from "commander";

/** An argument parser for whole numbers from `least` on. */
export function atLeast(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^-?\d+$/.test(text) || value < least) {
      throw new InvalidArgumentError(`"${text}" is not a whole number from ${least} on.`);
    }
    return value;
  };
}
