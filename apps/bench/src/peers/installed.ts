// The other peers that the system may have.
import { spawnSync } from "node:child_process";
import { Peer } from "../harness/peer.ts";

export const erlang: Peer = new Peer("Erlang", () =>
  output("erl", ["-noshell", "-eval", 'io:format("~s", [erlang:system_info(otp_release)]), halt().']),
);

export const pm2: Peer = new Peer("PM2", () => /(\d+\.\d+\.\d+)\s*$/.exec(output("pm2", ["--version"]) ?? "")?.[1]);

function output(program: string, args: readonly string[]): string | undefined {
  const found = spawnSync(program, args, { encoding: "utf8", timeout: 20_000 });
  return found.status === 0 ? `${found.stdout}${found.stderr}`.trim() : undefined;
}
