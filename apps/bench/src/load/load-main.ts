// The process that puts load on a server: gets one order, and ends when the harness lets go of it.
import { arrivals } from "./arrivals.ts";
import { churn } from "./churn.ts";
import { idle } from "./idle.ts";
import { traffic } from "./traffic.ts";
import type { LoadOrder, LoadReply } from "./wire.ts";

process.on("disconnect", () => process.exit());
process.once("message", (order: LoadOrder) => {
  run(order).catch((error: unknown) => {
    const failed: LoadReply = { at: "failed", message: error instanceof Error ? error.message : String(error) };
    process.send?.(failed);
  });
});

function run(order: LoadOrder): Promise<void> {
  switch (order.kind) {
    case "traffic":
      return traffic(order);
    case "arrivals":
      return arrivals(order);
    case "churn":
      return churn(order);
    case "idle":
      return idle(order);
  }
}
