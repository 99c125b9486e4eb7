// Where control sockets live: one folder a user, closed to everybody else.
import { lstatSync, mkdirSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ControlError, ControlPermissionError } from "../errors.ts";

const EXTENSION = ".sock";
/** The kernel's limit for the path of a unix socket, in bytes, the closing zero included. */
const LONGEST_PATH = 108;

/** The folder for this user's control sockets: `$XDG_RUNTIME_DIR/plait`, or `plait-<uid>` in the temporary folder. */
export function controlFolder(): string {
  const runtime = process.env.XDG_RUNTIME_DIR;
  return runtime ? join(runtime, "plait") : join(tmpdir(), `plait-${userId()}`);
}

/**
 * The control socket of the supervisor with that name. Makes the folder, mode 0700.
 *
 * @throws {ControlPermissionError} when the folder is somebody else's, or open to others
 * @throws {ControlError} when the path is too long for a socket
 */
export function controlPath(name: string): string {
  const folder = controlFolder();
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid, mode } = lstatSync(folder);
  if (uid !== userId() || (mode & 0o077) !== 0) {
    throw new ControlPermissionError(
      `${folder} must belong to this user and be closed to others (mode 0700) before control sockets can be put there`,
    );
  }
  const path = join(folder, `${name}${EXTENSION}`);
  if (Buffer.byteLength(path) >= LONGEST_PATH) {
    throw new ControlError(
      `the control socket's path is longer than ${LONGEST_PATH - 1} bytes: ${path}; set XDG_RUNTIME_DIR to a shorter folder`,
    );
  }
  return path;
}

/** The names of the supervisors that have a control socket; one that was killed may have left its own behind. */
export function controlNames(): readonly string[] {
  try {
    return readdirSync(controlFolder())
      .filter((file) => file.endsWith(EXTENSION))
      .map((file) => file.slice(0, -EXTENSION.length))
      .sort();
  } catch {
    return [];
  }
}

/** Not from the system's list of users: in a container, this one need not be in it. */
function userId(): number | undefined {
  return process.geteuid?.();
}
