// supervisor completion: prints what a shell needs to complete the command's arguments.
import { Argument, type Command } from "commander";
import { completionScripts, type Shell } from "../completion-scripts.ts";

const shells = Object.keys(completionScripts) as Shell[];

export function defineCompletion(program: Command): void {
  program
    .command("completion")
    .description("print a script that completes commands and flags in your shell")
    .addArgument(new Argument("<shell>", "the shell to complete in").choices(shells))
    .addHelpText(
      "after",
      `
Examples:
  source <(supervisor completion bash)     in ~/.bashrc
  source <(supervisor completion zsh)      in ~/.zshrc, after compinit
  supervisor completion fish | source      in ~/.config/fish/config.fish`,
    )
    .action((shell: Shell) => console.log(completionScripts[shell](completions(program))));
}

/** Every command with its flags and its description, the program's own first, under the empty name. */
function completions(program: Command): Completion[] {
  return [program, ...program.commands].map((command) => ({
    name: command === program ? "" : command.name(),
    description: command.description(),
    flags: [...command.options.map(({ long, description }) => ({ name: long ?? "", description })), help],
    words: command === program ? program.commands.map((each) => each.name()) : words(command),
  }));
}

const help = { name: "--help", description: "show help" };

function words(command: Command): string[] {
  return command.registeredArguments.flatMap((argument) => argument.argChoices ?? []);
}

/** What can be written after a command. */
export interface Completion {
  /** Empty for the program itself. */
  readonly name: string;
  readonly description: string;
  readonly flags: readonly { readonly name: string; readonly description: string }[];
  /** Fixed words that may stand first: the program's commands, or an argument's choices. */
  readonly words: readonly string[];
}
