// A plain net.Server that answers with what the kernel says of its socket, asked through a Python child that shares it.
import { spawn } from "node:child_process";
import net from "node:net";
import { fileURLToPath } from "node:url";

const script = fileURLToPath(new URL("../support/socket-options.py", import.meta.url));

export default net.createServer((socket) => {
  spawn("python3", [script], { stdio: [socket, socket, "inherit"] });
});
