// A thread that hosts a service for the sockets transferred to it.

import type { Socket } from "node:net";
import { parentPort, workerData } from "node:worker_threads";
import { openServiceHost } from "@plait/net";

const host = await openServiceHost(new URL(workerData.service), { unit: workerData.unit });
parentPort?.on("message", ({ socket }: { socket: Socket }) => {
  host.serve(socket, "main", (outcome) => parentPort?.postMessage({ outcome }));
});
parentPort?.postMessage({ ready: true });
