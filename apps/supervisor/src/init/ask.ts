// Asks on a terminal what "supervisor init" was not told by flags.
import { createInterface } from "node:readline/promises";
import { parseConfig } from "@plait/config";
import { type ProjectChoices, styles } from "./project.ts";

export interface Terminal {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
}

/** The person at the terminal ended the questions (Ctrl-C or Ctrl-D): nothing was written. */
export class InitCancelledError extends Error {
  override readonly name = "InitCancelledError";
  readonly code = "ERR_PLAIT_INIT_CANCELLED";

  constructor() {
    super("cancelled; nothing was written");
  }
}

/** Asks for every choice that `given` leaves open. An answer that can't be used is asked for again; none is the default. */
export async function askChoices(
  given: Partial<ProjectChoices>,
  defaults: ProjectChoices,
  terminal: Terminal,
): Promise<ProjectChoices> {
  const lines = createInterface(terminal);
  // Iterate instead of asking question by question: lines that were typed ahead would be lost between two questions.
  const answers = lines[Symbol.asyncIterator]();
  const ask = async <T extends string>(what: string, byDefault: T, read: (answer: string) => T | undefined) => {
    for (;;) {
      lines.setPrompt(`${what} (${byDefault}) `);
      lines.prompt();
      const answer = await answers.next();
      if (answer.done) throw new InitCancelledError();
      const text = answer.value.trim();
      const value = text === "" ? byDefault : read(text);
      if (value !== undefined) return value;
    }
  };
  try {
    const style = given.style ?? (await ask(`Style: ${styles.join(" or ")}?`, defaults.style, readStyle));
    const listen = given.listen ?? (await ask("Address to listen on?", defaults.listen, readAddress));
    return { style, listen };
  } finally {
    lines.close();
  }
}

function readStyle(answer: string): ProjectChoices["style"] | undefined {
  return styles.find((style) => style === answer.toLowerCase());
}

function readAddress(answer: string): string | undefined {
  return isAddress(answer) ? answer : undefined;
}

/** Whether the `listen` key takes `text`. */
export function isAddress(text: string): boolean {
  try {
    // Any file does for an entry: only the address is in question.
    parseConfig({ entry: import.meta.filename, listen: text });
    return true;
  } catch {
    return false;
  }
}
