// The other peers that the system may have.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { delimiter, join } from "node:path";
import { Peer } from "../harness/peer.ts";

export const erlang: Peer = new Peer("Erlang", () =>
  output("erl", ["-noshell", "-eval", 'io:format("~s", [erlang:system_info(otp_release)]), halt().']),
);

/** Read from its package: asked for its version, it would start a daemon. */
export const pm2: Peer = new Peer("PM2", () => {
  const program = (process.env.PATH ?? "")
    .split(delimiter)
    .map((folder) => join(folder, "pm2"))
    .find(existsSync);
  if (program === undefined) return undefined;
  const manifest = join(realpathSync(program), "../../package.json");
  return (JSON.parse(readFileSync(manifest, "utf8")) as { version: string }).version;
});

function output(program: string, args: readonly string[]): string | undefined {
  const found = spawnSync(program, args, { encoding: "utf8", timeout: 20_000 });
  return found.status === 0 ? `${found.stdout}${found.stderr}`.trim() : undefined;
}
