// The completion scripts of each shell, written from the commands and their flags.
import type { Completion } from "./commands/completion.ts";

export type Shell = "bash" | "zsh" | "fish";

/** A script for each shell. Where no word is fixed, files are completed. */
export const completionScripts: Readonly<Record<Shell, (completions: readonly Completion[]) => string>> = {
  bash: (completions) => `_supervisor() {
  local current="\${COMP_WORDS[COMP_CWORD]}" command="" words=""
  [ "$COMP_CWORD" -gt 1 ] && command="\${COMP_WORDS[1]}"
  case "$command" in
${completions.map((each) => `    ${each.name || '""'}) words="${candidates(each)}" ;;`).join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _supervisor supervisor`,

  zsh: (completions) => `#compdef supervisor
_supervisor() {
  local -a candidates
  local command=""
  (( CURRENT > 2 )) && command="\${words[2]}"
  case "$command" in
${completions.map((each) => `    ${each.name || '""'}) candidates=(${described(each, completions).map(zshCandidate).join(" ")}) ;;`).join("\n")}
  esac
  _describe supervisor candidates
  [[ "$command" != "" ]] && _files
}
compdef _supervisor supervisor`,

  fish: (completions) =>
    completions
      .flatMap((each) => {
        const when = each.name === "" ? "__fish_use_subcommand" : `__fish_seen_subcommand_from ${each.name}`;
        return described(each, completions).map(({ name, description }) => {
          const what = name.startsWith("--") ? `-l ${name.slice(2)}` : `-f -a ${name}`;
          return `complete -c supervisor -n '${when}' ${what} -d ${fishQuote(description)}`;
        });
      })
      .join("\n"),
};

function candidates({ words, flags }: Completion): string {
  return [...words, ...flags.map(({ name }) => name)].join(" ");
}

function described({ words, flags }: Completion, all: readonly Completion[]): { name: string; description: string }[] {
  const known = (word: string) => all.find(({ name }) => name === word)?.description ?? word;
  return [...words.map((name) => ({ name, description: known(name) })), ...flags];
}

function zshCandidate({ name, description }: { name: string; description: string }): string {
  return `'${`${name}:${description}`.replaceAll("'", "'\\''")}'`;
}

function fishQuote(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
