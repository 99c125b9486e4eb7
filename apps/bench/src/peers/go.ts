// Go, when it is installed: programs are compiled for a run into a folder that goes away with it.
import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";
import { Peer } from "../harness/peer.ts";
import { temporaryFolder } from "../harness/temporary-folder.ts";

export const go: Peer = new Peer(
  "Go",
  () => /go(\d\S*)/.exec(spawnSync("go", ["version"], { encoding: "utf8" }).stdout ?? "")?.[1],
);

const programs = new Map<string, string>();

/** The program that is compiled from a Go file; compiled when it is first asked for. */
export function goProgram(source: string): string {
  let program = programs.get(source);
  if (program === undefined) {
    program = join(temporaryFolder(), "program");
    execFileSync("go", ["build", "-o", program, source]);
    programs.set(source, program);
  }
  return program;
}
