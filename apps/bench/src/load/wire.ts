// What the harness asks of the load's process, and what it hears back.

export type LoadOrder = TrafficOrder | ArrivalsOrder | ChurnOrder | IdleOrder;
/** An order before it is known which server it is for. */
export type LoadPlan = WithoutPort<LoadOrder>;
type WithoutPort<Order> = Order extends LoadOrder ? Omit<Order, "port"> : never;

/** Connections that stay, and send again as soon as they have their reply. */
export interface TrafficOrder {
  readonly kind: "traffic";
  readonly port: number;
  readonly warmUpMs: number;
  readonly ms: number;
  readonly groups: readonly TrafficGroup[];
}

export interface TrafficGroup {
  readonly connections: number;
  readonly message: string;
  /** Bytes of a reply; "asked" asks the server once before. */
  readonly replyBytes: number | "asked";
  /** Whether its round trips are in the latencies. */
  readonly timed: boolean;
}

/** Clients that arrive all at once, time and again, while others keep the server busy. */
export interface ArrivalsOrder {
  readonly kind: "arrivals";
  readonly port: number;
  readonly ms: number;
  readonly warmUpMs: number;
  readonly busyConnections: number;
  readonly clients: number;
  /** What each of them sends before it leaves. */
  readonly messages: number;
  readonly message: string;
}

/** A new connection for every message. */
export interface ChurnOrder {
  readonly kind: "churn";
  readonly port: number;
  readonly warmUpMs: number;
  readonly ms: number;
  /** Connections that are open at a time. */
  readonly atOnce: number;
  readonly message: string;
}

/** Connections that are spoken to once and then stay silent; counted is what they cost. */
export interface IdleOrder {
  readonly kind: "idle";
  readonly port: number;
  readonly connections: number;
}

/** What the load tells: when the measured time begins, and what it saw when it is over. */
export type LoadReply =
  | { readonly at: "begin" }
  | { readonly at: "end"; readonly seen: LoadSeen }
  | { readonly at: "failed"; readonly message: string };

export interface LoadSeen {
  readonly seconds: number;
  /** Round trips of each group, in the order's order. */
  readonly counts: readonly number[];
  /** Round trips that were timed, in ms. Empty when there was none. */
  readonly latency: Latency | null;
  /** Connections that failed or were cut off. */
  readonly errors: number;
  /** Share of the measured time for which the load itself computed; near 1 it was the limit. */
  readonly busy: number;
}

export interface Latency {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}
