/**
 * The rules that every project starts with: the four thresholds of its performance targets. Each is a figure over a
 * window, never one sample: a collection of garbage is no alert. A host takes them as they are or passes its own.
 */
import type { Measure } from "./measures.ts";

export interface AlertRule {
  /** Names the rule, once among those of a set. */
  readonly name: string;
  readonly severity: "notice" | "warning";
  /** In words, for whoever is told. */
  readonly about: string;
  readonly measure: Measure;
  readonly windowMs: number;
  readonly comparison: "above" | "below";
  readonly threshold: number;
  /** A reading of fewer samples is none. */
  readonly samplesMin: number;
  /** The rule sleeps while the greatest series of this gauge is below `atLeast`. */
  readonly when?: { readonly gauge: string; readonly atLeast: number };
  /** For how long the condition must hold without a break before the alert fires. */
  readonly forMs: number;
  /** After it was resolved, it does not fire again for so long. */
  readonly cooldownMs: number;
}

const WINDOW_MS = 60_000;
const COOLDOWN_MS = 300_000;

export const DEFAULT_RULES: readonly AlertRule[] = [
  {
    name: "latency",
    severity: "warning",
    about: "one in a hundred single operations takes longer than 10 ms",
    measure: { kind: "quantile", metric: "operation.duration", labels: { size: "one" }, quantile: 0.99 },
    windowMs: WINDOW_MS,
    comparison: "above",
    threshold: 10,
    samplesMin: 100,
    forMs: 30_000,
    cooldownMs: COOLDOWN_MS,
  },
  {
    name: "slow_operations",
    severity: "notice",
    about: "single operations took longer than 10 ms",
    measure: { kind: "increase", metric: "operation.slow" },
    windowMs: WINDOW_MS,
    comparison: "above",
    threshold: 0,
    samplesMin: 1,
    forMs: 0,
    cooldownMs: COOLDOWN_MS,
  },
  {
    name: "memory",
    severity: "warning",
    about: "more than 100 MB per 1000 items",
    measure: { kind: "level", metric: "memory.per_item" },
    windowMs: WINDOW_MS,
    comparison: "above",
    threshold: 100_000,
    samplesMin: 1,
    when: { gauge: "state.items", atLeast: 1000 },
    forMs: 30_000,
    cooldownMs: COOLDOWN_MS,
  },
  {
    name: "throughput",
    severity: "warning",
    about: "fewer than 1000 items a second while operations are in flight, with 10,000 items or more",
    measure: { kind: "rate", metric: "operation.items", busy: "operation.busy" },
    windowMs: WINDOW_MS,
    comparison: "below",
    threshold: 1000,
    // Under load: operations are in flight at least half of the time.
    samplesMin: 0.5,
    when: { gauge: "state.items", atLeast: 10_000 },
    forMs: 30_000,
    cooldownMs: COOLDOWN_MS,
  },
  {
    name: "errors",
    severity: "warning",
    about: "more than 1 % of operations fail",
    measure: { kind: "share", metric: "operation.errors", of: "operation.attempts" },
    windowMs: WINDOW_MS,
    comparison: "above",
    threshold: 0.01,
    samplesMin: 100,
    forMs: 0,
    cooldownMs: COOLDOWN_MS,
  },
];
