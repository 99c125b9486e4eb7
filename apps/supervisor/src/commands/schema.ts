// supervisor schema: prints the JSON Schema of a configuration, for editors.
import { configJsonSchema } from "@plait/config";
import type { Command } from "commander";

export function defineSchema(program: Command): void {
  program
    .command("schema")
    .description("print the JSON Schema of a configuration; name its file as $schema, and an editor completes the keys")
    .option("--json", "as always: the schema is JSON")
    .addHelpText("after", "\nExample:\n  supervisor schema > supervisor.schema.json")
    .action(() => console.log(JSON.stringify(configJsonSchema(), null, 2)));
}
