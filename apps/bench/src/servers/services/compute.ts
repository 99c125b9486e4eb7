// Answers "compute" with some milliseconds of computation, anything else at once. Where it is computed says the
// environment: BENCH_COMPUTE=inline or offload.
import { defineService, type Service } from "@plait/net";
import { offload } from "@plait/thread/offload";
import { compute, computeHere, WORK } from "./compute-task.ts";

const offloads = process.env.BENCH_COMPUTE === "offload";

const service: Service = defineService({
  *connection(conn) {
    for (let line = yield* conn.readLine(); line !== null; line = yield* conn.readLine()) {
      if (line === "compute") {
        if (offloads) yield* offload(compute, [WORK]);
        else computeHere(WORK);
      }
      yield* conn.write(`${line}\n`);
    }
  },
});

export default service;
