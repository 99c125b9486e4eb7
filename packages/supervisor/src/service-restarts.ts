// Decides what becomes of a service whose processes were restarted too often: the last tier before the exit code.
import { type RestartLimits, RestartPolicy } from "@plait/policy";

export interface ServiceRestartsOptions {
  readonly name: string;
  readonly limits: RestartLimits;
  /** Starts the service's processes again. */
  readonly restart: () => void;
  /** Called when it will be started again. */
  readonly onBackoff: (delayMs: number, attempt: number, reason: string) => void;
  /** Called once: it was restarted too often itself. */
  readonly onGaveUp: (reason: string) => void;
}

/** Owns timers until `close`. */
export class ServiceRestarts {
  readonly #options: ServiceRestartsOptions;
  readonly #policy: RestartPolicy;
  /** Counts down to the service's health, or to its restart. */
  #health: NodeJS.Timeout | undefined;
  #backoff: NodeJS.Timeout | undefined;

  constructor(options: ServiceRestartsOptions) {
    this.#options = options;
    this.#policy = new RestartPolicy(options.limits);
    this.#policy.decide({ type: "started", slot: options.name }, performance.now());
  }

  set limits(limits: RestartLimits) {
    this.#policy.limits = limits;
  }

  /** Whether it is ended, and will be started again. */
  get waits(): boolean {
    return this.#backoff !== undefined;
  }

  /** One of its processes serves: it is healthy when it has not failed for a while from here on. */
  serves(): void {
    if (this.#health || this.#backoff) return;
    const { name } = this.#options;
    this.#health = setTimeout(
      () => this.#policy.decide({ type: "healthy", slot: name }, performance.now()),
      this.#policy.limits.healthyAfter,
    ).unref();
  }

  /** Its processes were restarted too often, and all of them are ended. */
  failed(reason: string): void {
    this.close();
    const { name, restart, onBackoff, onGaveUp } = this.#options;
    const event = { type: "exited", slot: name, reason: "escalated", detail: reason } as const;
    const decision = this.#policy.decide(event, performance.now());
    if (decision.action !== "restart") {
      // Where no restart is allowed, what its processes died of says it all.
      const isFirst = decision.action !== "escalate" || decision.restarts === 0;
      onGaveUp(isFirst ? reason : decision.reason);
      return;
    }
    onBackoff(decision.delayMs, decision.attempt, reason);
    this.#backoff = setTimeout(() => {
      this.#start();
      restart();
    }, decision.delayMs);
  }

  /** It was started anew before its wait was over, or serves anyway. */
  replaced(): void {
    if (this.#backoff) this.#start();
    this.serves();
  }

  #start(): void {
    this.close();
    this.#policy.decide({ type: "started", slot: this.#options.name }, performance.now());
  }

  close(): void {
    clearTimeout(this.#health);
    clearTimeout(this.#backoff);
    this.#health = undefined;
    this.#backoff = undefined;
  }
}
