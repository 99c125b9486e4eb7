// Refuses a reload that asks for more than a rollout can do.
import { type Deployment, diffConfig, diffDeployment } from "@plait/config";
import { RestartNeededError } from "./errors.ts";

/** @throws {RestartNeededError} that says what stands in the way, before anything is touched */
export function refuseRestarts(running: Deployment, fresh: Deployment): void {
  if (fresh.name !== running.name) {
    throw new RestartNeededError(`the deployment's name is ${fresh.name} now, and was ${running.name}`);
  }
  const [whole] = diffDeployment(running, fresh);
  if (whole) throw new RestartNeededError(`${whole.key} is ${whole.to ?? "off"} now, and was ${whole.from ?? "off"}`);
  for (const { service, change, keys } of diffConfig(running, fresh)) {
    if (change === "added" || change === "removed")
      throw new RestartNeededError(`the service ${service} was ${change}`);
    const [hard] = keys.filter(({ apply }) => apply === "restart");
    if (hard) throw new RestartNeededError(`${hard.key} of ${service} can't be changed while it runs`);
  }
  const inside = fresh.services.find(({ topology }) => topology.processes === 0);
  const isLive = diffConfig(running, fresh).some(
    ({ service, change }) => service === inside?.name && change === "live",
  );
  if (inside && !isLive) {
    throw new RestartNeededError(
      `${inside.name} is served by the supervisor's own process, which can't be replaced while it runs (topology.processes is 0)`,
    );
  }
}
