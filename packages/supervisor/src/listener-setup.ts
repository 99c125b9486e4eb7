// What a unit is told about a listener: plain data that crosses to processes and threads.
import { randomBytes } from "node:crypto";
import type { ListenerConfig, ListenerOptionsConfig } from "@plait/config";
import type { ListenerOptions } from "@plait/net";

export interface ListenerSetup {
  readonly name: string;
  readonly options: ListenerOptionsConfig;
  /** 48 bytes in base64: one set for all units of a TLS listener, so that a session begun in one is resumed in any. */
  readonly ticketKeys: string | undefined;
}

/** Made once a service by the supervisor. */
export function listenerSetup({ name, options }: ListenerConfig): ListenerSetup {
  return { name, options, ticketKeys: options.tls && randomBytes(48).toString("base64") };
}

/** The listeners' options as the service host wants them. */
export function listenerOptions(setups: readonly ListenerSetup[]): Readonly<Record<string, ListenerOptions>> {
  return Object.fromEntries(
    setups.map(({ name, options: { tls, limits, ...rest }, ticketKeys = "" }) => {
      const overload = limits?.overload;
      return [
        name,
        {
          ...rest,
          // Past a limit that leaves connections in the kernel's queue, none is accepted: only the others can be met here.
          limits: limits && { ...limits, overload: overload === "queue" ? "close" : overload },
          tls: tls && { ...tls, ticketKeys: Buffer.from(ticketKeys, "base64") },
        } satisfies ListenerOptions,
      ];
    }),
  );
}
