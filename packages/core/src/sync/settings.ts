/** When a node syncs. Operators choose by presets, which `@dunlin/api` holds with the range of each number. */

export interface SyncSettings {
  /** The least time between two periodic syncs of one context with one peer. */
  readonly intervalMs: number;
  /** How often a node tells its peers which contexts have changed. */
  readonly frequencyMs: number;
  /** A third of it without an answer, and the peer has failed and is left alone for a while. */
  readonly timeoutMs: number;
  /** Contexts and peers from which deltas are pulled at the same time. */
  readonly sessionsMax: number;
  /** How often heads and root are compared although nothing changed. */
  readonly heartbeatMs: number;
}

export const DEFAULT_SYNC_SETTINGS: SyncSettings = {
  intervalMs: 5_000,
  frequencyMs: 10_000,
  timeoutMs: 30_000,
  sessionsMax: 30,
  heartbeatMs: 30_000,
};
