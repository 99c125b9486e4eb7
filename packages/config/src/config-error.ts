// The one error of this package: a configuration that cannot be used, and what to write instead.

/** One thing that is wrong. */
export interface ConfigProblem {
  /** The key it is about, such as `topology.processes`; empty when it is about the whole file. */
  readonly key: string;
  /** One or two sentences: what is wrong, and what to write. */
  readonly text: string;
}

const shown = 5;

/**
 * A configuration that cannot be used. The message is one paragraph for the person who wrote it: the file, the key and
 * what to write. Show it without its stack, and exit with {@link ConfigError.exitCode}.
 */
export class ConfigError extends Error {
  override readonly name: string = "ConfigError";
  readonly code = "ERR_PLAIT_CONFIG";
  /** `EX_CONFIG` of sysexits.h: restarting does not help. */
  readonly exitCode = 78;
  /** The file as it is best shown, or `undefined` for a configuration that a program passed. */
  readonly file: string | undefined;
  /** Everything that was found wrong, in the order of the file. */
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[], options: { file?: string | undefined; cause?: unknown } = {}) {
    const texts = problems.slice(0, shown).map((problem) => problem.text);
    if (problems.length > shown) texts.push(`And ${problems.length - shown} more.`);
    super(`${options.file ?? "configuration"}: ${texts.join(" ")}`, { cause: options.cause });
    this.file = options.file;
    this.problems = problems;
  }
}
