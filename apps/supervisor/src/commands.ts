// The commands of "supervisor", each loaded when it is asked for: a command that asks a supervisor something should not wait for
// the code that runs one.
import type { Command } from "commander";

/** In the order of "supervisor --help". */
const commands: Readonly<Record<string, () => Promise<(program: Command) => void>>> = {
  init: async () => (await import("./commands/init.ts")).defineInit,
  start: async () => (await import("./commands/start.ts")).defineStart,
  status: async () => (await import("./commands/status.ts")).defineStatus,
  top: async () => (await import("./commands/top.ts")).defineTop,
  logs: async () => (await import("./commands/logs.ts")).defineLogs,
  why: async () => (await import("./commands/why.ts")).defineWhy,
  call: async () => (await import("./commands/call.ts")).defineCall,
  dump: async () => (await import("./commands/dump.ts")).defineDump,
  profile: async () => (await import("./commands/profile.ts")).defineProfile,
  reload: async () => (await import("./commands/reload.ts")).defineReload,
  rollback: async () => (await import("./commands/rollback.ts")).defineRollback,
  restart: async () => (await import("./commands/restart.ts")).defineRestart,
  scale: async () => (await import("./commands/scale.ts")).defineScale,
  suspend: async () => (await import("./commands/suspend.ts")).defineSuspend,
  resume: async () => (await import("./commands/resume.ts")).defineResume,
  verify: async () => (await import("./commands/verify.ts")).defineVerify,
  stop: async () => (await import("./commands/stop.ts")).defineStop,
  check: async () => (await import("./commands/check.ts")).defineCheck,
  plan: async () => (await import("./commands/plan.ts")).definePlan,
  schema: async () => (await import("./commands/schema.ts")).defineSchema,
  completion: async () => (await import("./commands/completion.ts")).defineCompletion,
};

/** Writes a script from all of them. */
const NEEDS_ALL = "completion";

/** Defines the command that the command line names; all of them when it names none, or a wrong one. */
export async function define(program: Command, argv: readonly string[]): Promise<void> {
  const [, , word = ""] = argv;
  const named = word !== NEEDS_ALL && Object.hasOwn(commands, word) ? commands[word] : undefined;
  for (const load of named ? [named] : Object.values(commands)) (await load())(program);
}
