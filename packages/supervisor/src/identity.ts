// As whom the processes of a service run: the supervisor binds with its own rights, and they have only theirs.
import { readFileSync } from "node:fs";
import { ConfigError, type ServiceConfig } from "@plait/config";

export interface Identity {
  readonly uid: number;
  readonly gid: number;
}

/**
 * The ids of a service's `user` and `group`; without a group, the user's own.
 *
 * @throws {ConfigError} when there is no such user or group, or this program may not become one
 */
export function identityOf({ user, group }: Pick<ServiceConfig, "user" | "group">): Identity | undefined {
  if (user === undefined && group === undefined) return undefined;
  const own = { uid: process.getuid?.() ?? -1, gid: process.getgid?.() ?? -1 };
  const known = user === undefined ? own : lookUp("user", user);
  const identity = { uid: known.uid, gid: group === undefined ? known.gid : lookUp("group", group).gid };
  if (own.uid !== 0 && (identity.uid !== own.uid || identity.gid !== own.gid)) {
    throw wrong("user", "only a supervisor that root has started can run its processes as somebody else");
  }
  return identity;
}

/** Lines of both files: name, password, id, and of a user its group's id (passwd(5), group(5)). */
function lookUp(kind: "user" | "group", name: string): Identity {
  for (const line of readFileSync(kind === "user" ? "/etc/passwd" : "/etc/group", "utf8").split("\n")) {
    const [found, , id = "", ofUser = id] = line.split(":");
    if (found !== name && id !== name) continue;
    return { uid: Number(id), gid: Number(kind === "user" ? ofUser : id) };
  }
  throw wrong(kind, `there is no ${kind} ${name} on this machine`);
}

function wrong(key: string, text: string): ConfigError {
  return new ConfigError([{ key, text: `${text}.` }]);
}
