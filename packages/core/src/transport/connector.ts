/**
 * What a database asks of a transport: a way into a room where the peers of one context meet. It opens at once and
 * connects in the background, as often as it takes, until it is disposed. Frames between two peers arrive in order and
 * unchanged, or their connection ends; who a peer is belongs to sync, which proves it to itself over the peers' ids.
 */
import type { Clock, Random, Scheduler, Transport, TransportEvents } from "../base/index.ts";

export interface ConnectorPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly scheduler: Scheduler;
}

export type ConnectorStatus =
  | { readonly kind: "connecting" }
  | { readonly kind: "connected" }
  /** Tries again by itself. `reason` is for people. */
  | { readonly kind: "waiting"; readonly reason: string; readonly retryAtMs: number }
  /** Does not try again: the other side refuses this client. */
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "closed" };

export interface OpenOptions {
  /** 32 bytes that only members and who was invited can compute. */
  readonly room: Uint8Array;
  readonly ports: ConnectorPorts;
  readonly events: TransportEvents;
  readonly onStatus: (status: ConnectorStatus) => void;
}

export interface OpenTransport extends Transport, Disposable {
  readonly status: ConnectorStatus;
}

export interface Connector {
  /** Tells of events in later turns only. */
  open(options: OpenOptions): OpenTransport;
}
