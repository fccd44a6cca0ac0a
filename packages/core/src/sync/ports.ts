/** What the sync engine asks of the world, and what it tells of peers. Its `tick` is called from outside. */
import type { Clock, ContextId, Log, PeerId, Random, Scheduler, Transport } from "../base/index.ts";
import type { BlobFrame } from "../blobs/index.ts";
import type { Crypto } from "../crypto/index.ts";
import type { Metrics } from "../metrics/index.ts";
import type { PeerAddresses } from "./frames.ts";
import type { SyncSettings } from "./settings.ts";

export interface SyncPorts {
  readonly transport: Transport;
  readonly crypto: Crypto;
  readonly random: Random;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly log: Log;
  /** Where its counters stand; a registry of its own when absent, and then without times. */
  readonly metrics?: Metrics;
  /** How members' nodes learn to reach each other; without it, only those who are connected anyhow do sync. */
  readonly discovery?: Discovery;
  /** Who answers for blobs and fetches them; without it, what peers say of blobs is dropped. */
  readonly blobs?: BlobPeers;
  /** When to sync; `DEFAULT_SYNC_SETTINGS` when absent. */
  readonly settings?: SyncSettings;
}

export interface Discovery {
  /** Where this node listens. */
  addresses(): readonly string[];
  /** A member of this context told how another member's node is reached. */
  onPeer(peer: PeerAddresses, context: ContextId): void;
}

/** What is told to whoever exchanges blobs: `BlobExchange` of `blobs`. */
export interface BlobPeers {
  /** A member's node said something of a blob of the context. */
  onFrame(context: ContextId, peer: PeerId, frame: BlobFrame): void;
  /** The peer takes part in one context more. */
  onPeer(peer: PeerId): void;
  onGone(peer: PeerId): void;
}
