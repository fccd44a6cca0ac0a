/**
 * When a node syncs, as an operator sets it: a preset for the size and load of the groups, single numbers over it, and
 * what differs for some contexts.
 */

export interface SyncNumbers {
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

export interface SyncConfig extends SyncNumbers {
  /** What differs for some contexts, by id. */
  readonly contexts: Readonly<Record<string, SyncOverrides>>;
}

/** The numbers that a context may have of its own; the others are the whole node's. */
export type SyncOverrides = Partial<Pick<SyncNumbers, (typeof SYNC_OVERRIDABLE)[number]>>;

export const SYNC_OVERRIDABLE = ["intervalMs", "timeoutMs", "heartbeatMs"] as const;

export type SyncPreset = "small" | "medium" | "large" | "high-throughput";

/** Medium is the default. Small groups recover fast, large ones talk less, high throughput recovers fast in many contexts. */
export const SYNC_PRESETS: Readonly<Record<SyncPreset, SyncNumbers>> = {
  small: { intervalMs: 2_000, frequencyMs: 2_000, timeoutMs: 30_000, sessionsMax: 10, heartbeatMs: 30_000 },
  medium: { intervalMs: 5_000, frequencyMs: 10_000, timeoutMs: 30_000, sessionsMax: 30, heartbeatMs: 30_000 },
  large: { intervalMs: 15_000, frequencyMs: 30_000, timeoutMs: 30_000, sessionsMax: 20, heartbeatMs: 30_000 },
  "high-throughput": { intervalMs: 2_000, frequencyMs: 2_000, timeoutMs: 30_000, sessionsMax: 50, heartbeatMs: 30_000 },
};

/** Inclusive bounds of each number. */
export const SYNC_RANGES: Readonly<Record<keyof SyncNumbers, readonly [min: number, max: number]>> = {
  intervalMs: [1_000, 3_600_000],
  frequencyMs: [1_000, 3_600_000],
  timeoutMs: [1_000, 600_000],
  sessionsMax: [1, 1_000],
  heartbeatMs: [5_000, 3_600_000],
};
