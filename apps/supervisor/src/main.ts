// The supervisor command: reads the arguments, runs one command, and ends with a code that says what happened.
import { Command, CommanderError } from "commander";
import { define } from "./commands.ts";
import { exitCodeOf, exitCodes } from "./exit-codes.ts";
import { explain } from "./explain.ts";
import { ownVersion } from "./own-file.ts";
import { hasConfig, isRunning } from "./running.ts";

/**
 * Runs the command line `argv`, as in `process.argv`, and sets the exit code; one that served ends the program. Without a
 * word, in a folder with a configuration, it is "status" if that deployment runs, else "start".
 */
export async function main(argv: readonly string[]): Promise<void> {
  const program = new Command("supervisor")
    .version(ownVersion(), "-V, --version", "print the version")
    .description("Serve TCP on processes × threads × coroutines.")
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, "supervisor: ")) })
    .showHelpAfterError('(see "supervisor --help")')
    .addHelpText("after", "\nExample:\n  supervisor start echo.ts --processes 2 --threads 2 --listen 127.0.0.1:8080");
  let serves = false;
  program.hook("preAction", (_, command) => {
    serves = command.name() === "start";
  });
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    // One that serves goes on when nobody reads what it writes. Any other ends, as SIGPIPE ends programs.
    if (serves) return;
    if (error.code === "EPIPE") process.exit(exitCodes.brokenPipe);
    throw error;
  });
  try {
    const words = argv.length > 2 || !hasConfig() ? argv : [...argv, (await isRunning()) ? "status" : "start"];
    await define(program, words);
    await program.parseAsync(words);
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
      return;
    }
    process.stderr.write(`supervisor: ${explain(error)}\n`);
    process.exitCode = exitCodeOf(error);
  }
  // A service that ran in this program may have left a timer or a socket, which would keep it for ever.
  if (serves) process.exit();
}
