/** What the sync engine asks of the world, and what it tells of peers. It has no timer: `tick` is called from outside. */
import type { Clock, Log, Random, Transport } from "../base/index.ts";
import type { Crypto } from "../crypto/index.ts";
import type { Metrics } from "../metrics/index.ts";
import type { PeerAddresses } from "./frames.ts";

export interface SyncPorts {
  readonly transport: Transport;
  readonly crypto: Crypto;
  readonly random: Random;
  readonly clock: Clock;
  readonly log: Log;
  /** Where its counters stand; a registry of its own when absent, and then without times. */
  readonly metrics?: Metrics;
  /** How members' nodes learn to reach each other; without it, only those who are connected anyhow do sync. */
  readonly discovery?: Discovery;
  /** How often heads and root are told although nothing changed; `STATE_INTERVAL_MS` when absent. */
  readonly stateIntervalMs?: number;
}

export interface Discovery {
  /** Where this node listens. */
  addresses(): readonly string[];
  /** A member told how another member's node is reached. */
  onPeer(peer: PeerAddresses): void;
}
