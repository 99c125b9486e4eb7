// `@plait/supervisor/shapes`: what a supervisor answers, as zod schemas.
export { type CommandContract, contract } from "./control/contract.ts";
export { serviceDumpShape } from "./shapes/dump-shape.ts";
export { deathShape, logEntryShape, logPageShape } from "./shapes/log-shape.ts";
export { deploymentShape, planShape } from "./shapes/plan-shape.ts";
export { statusShape } from "./shapes/status-shape.ts";
