// The deployment's configuration: schema, files, defaults, `auto`, and what a change of it touches.
export { type AcceptWay, acceptWay, acceptWays } from "./accept-way.ts";
export { ConfigError, type ConfigProblem } from "./config-error.ts";
export {
  type BackoffInput,
  type ConfigInput,
  type DeploymentInput,
  type Duration,
  defineConfig,
  type InheritListenInput,
  type ListenInput,
  type RestartInput,
  type ServiceInput,
  type ServicesInput,
  type SingleServiceInput,
  type TcpListenInput,
  type TopologyInput,
  type UnixListenInput,
} from "./define.ts";
export type {
  Deployment,
  HealthListener,
  ListenerConfig,
  ListenerOptionsConfig,
  LogsConfig,
  ReadersSocket,
  ServiceConfig,
  TopologyConfig,
} from "./deployment.ts";
export { diffConfig, diffDeployment, diffService, type KeyChange, type ServiceChange } from "./diff-config.ts";
export { formatDuration, parseDuration } from "./duration.ts";
export { type EnvironmentOverride, readOverrides } from "./environment.ts";
export { configFiles } from "./files.ts";
export {
  type ConfigKey,
  configJsonSchema,
  configKeys,
  deploymentKeys,
  type JsonSchema,
  listenerKeys,
} from "./json-schema.ts";
export type { Apply } from "./key.ts";
export { findConfig, loadConfig } from "./load-config.ts";
export { type Machine, type MachineLimit, readMachine, smallest } from "./machine.ts";
export { didYouMean, nearestName } from "./nearest-name.ts";
export { type ParseOptions, parseConfig, parseUnknown } from "./parse-config.ts";
export {
  mostThreads,
  processFootprint,
  type ResolvedTopology,
  resolveTopology,
  type TopologyStep,
  threadFootprint,
} from "./resolve-topology.ts";
export { formatSize, parseSize, type Size } from "./size.ts";
