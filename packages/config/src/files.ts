// `@plait/config/files`: what a deployment's file is called; it loads nothing else.

/** The names looked for in a folder. */
export const configFiles: readonly string[] = ["ts", "js", "mjs", "json", "yaml", "yml"].map(
  (extension) => `supervisor.config.${extension}`,
);
