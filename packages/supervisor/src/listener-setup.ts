// What a unit is told about a listener: plain data that crosses to processes and threads.
import type { ListenerConfig, ListenerOptionsConfig } from "@plait/config";
import type { Limits, ListenerOptions, ServiceHost } from "@plait/net";

export interface ListenerSetup {
  readonly name: string;
  readonly options: ListenerOptionsConfig;
  /** 48 bytes in base64: one set for all units of a TLS listener, so that a session begun in one is resumed in any. */
  readonly ticketKeys: string | undefined;
  /** Whether its connections are left in the kernel's queue. */
  readonly suspended: boolean;
  /** Whether the threads accept its connections themselves. */
  readonly direct: boolean;
}

/** Made once by the supervisor for all processes that are started together. */
export function listenerSetup(
  { name, options }: ListenerConfig,
  { suspended, direct }: Pick<ListenerSetup, "suspended" | "direct">,
): ListenerSetup {
  return { name, options, suspended, direct, ticketKeys: options.tls && newTicketKeys() };
}

/** What can change while a unit serves: its limits, and whether it is suspended. */
export function changedSetup(setup: ListenerSetup, { options }: ListenerConfig, suspended: boolean): ListenerSetup {
  return { ...setup, suspended, options: { ...setup.options, limits: options.limits } };
}

/** What a thread is told while it serves: plain data. */
export interface ListenersChange {
  /** Limits to take over. */
  readonly setups?: readonly ListenerSetup[];
  /** Whether to read the certificates again. */
  readonly certificates?: boolean;
  /** How many threads the process has. */
  readonly threads?: number;
}

/** Brings the limits of a host's listeners up to date. */
export function setLimits(host: ServiceHost, setups: readonly ListenerSetup[]): void {
  for (const { name, options } of setups) host.setLimits(name, limitsOf(options));
}

/** The listeners' options as the service host wants them. */
export function listenerOptions(setups: readonly ListenerSetup[]): Readonly<Record<string, ListenerOptions>> {
  return Object.fromEntries(
    setups.map(({ name, options, ticketKeys = "" }) => {
      const { tls, ...rest } = options;
      return [
        name,
        {
          ...rest,
          limits: limitsOf(options),
          tls: tls && { ...tls, ticketKeys: Buffer.from(ticketKeys, "base64") },
        } satisfies ListenerOptions,
      ];
    }),
  );
}

function limitsOf({ limits = {} }: ListenerOptionsConfig): Limits {
  const { overload } = limits;
  // Past a limit that leaves connections in the kernel's queue, none is accepted: only the others can be met here.
  return { ...limits, overload: overload === "queue" ? "close" : overload };
}

/** 48 random bytes, in base64. By the global: an import of node:crypto costs every thread a megabyte. */
function newTicketKeys(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(48))).toString("base64");
}
