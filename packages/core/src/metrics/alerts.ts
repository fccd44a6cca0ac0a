/**
 * Alerts: rules that are looked at in turns, and what is told when one begins or ends to hold.
 *
 *   quiet --condition--> pending --held for `forMs`--> firing --condition gone--> resolved
 *     ^                     |                                                         |
 *     +------- gone --------+                 quiet again, silent until `cooldownMs` <+
 *
 * Each series of a rule has a state of its own, so one slow kind of operation hides no other. While an alert fires it
 * is told once. A reading with too few samples counts as a condition that is gone: what nobody does, nobody waits for.
 * `evaluate` is called by the host in a rhythm of its choice, which bounds how precise the times are.
 */
import { assert, type Log } from "../base/index.ts";
import type { AlertRule } from "./alert-rules.ts";
import { ALERT_HISTORY_MAX, ALERT_RULES_MAX } from "./limits.ts";
import { openMeasure, type ReadMeasure } from "./measures.ts";
import type { Labels, Metrics } from "./registry.ts";

export interface AlertEvent {
  readonly kind: "fired" | "resolved";
  readonly rule: AlertRule;
  /** Of the series that the rule holds for; empty where it looks at one figure alone. */
  readonly labels: Labels;
  /** The figure that decided; undefined when an alert ended because there was nothing left to measure. */
  readonly value: number | undefined;
  /** By the registry's clock. */
  readonly atMs: number;
}

/** Where alerts go: a log, a page, a pager. */
export interface AlertSink {
  onAlert(event: AlertEvent): void;
}

type State =
  | { readonly kind: "quiet"; readonly silentUntilMs: number }
  | { readonly kind: "pending"; readonly sinceMs: number; readonly silentUntilMs: number }
  | { readonly kind: "firing" };

interface Watched {
  readonly rule: AlertRule;
  readonly read: ReadMeasure;
  readonly statesByKey: Map<string, { state: State; readonly labels: Labels }>;
}

const QUIET: State = { kind: "quiet", silentUntilMs: Number.NEGATIVE_INFINITY };

export interface AlertsOptions {
  readonly metrics: Metrics;
  readonly rules: readonly AlertRule[];
  readonly sink: AlertSink;
  /** Told of a sink that throws, which stops nothing. */
  readonly log: Log;
}

export class Alerts {
  readonly #metrics: Metrics;
  readonly #sink: AlertSink;
  readonly #log: Log;
  readonly #watched: readonly Watched[];
  readonly #history: AlertEvent[] = [];

  constructor({ metrics, rules, sink, log }: AlertsOptions) {
    assert(rules.length <= ALERT_RULES_MAX, () => `at most ${ALERT_RULES_MAX} rules`);
    assert(new Set(rules.map(({ name }) => name)).size === rules.length, "each rule has a name of its own");
    this.#metrics = metrics;
    this.#sink = sink;
    this.#log = log;
    this.#watched = rules.map((rule) => {
      const read = openMeasure(metrics, rule.measure, rule.windowMs);
      return { rule, read, statesByKey: new Map() };
    });
  }

  /** The last events, oldest first. */
  get history(): readonly AlertEvent[] {
    return this.#history;
  }

  /** The alerts that hold now: rule and labels. */
  get firing(): readonly Pick<AlertEvent, "rule" | "labels">[] {
    return this.#watched.flatMap(({ rule, statesByKey }) =>
      [...statesByKey.values()].filter(({ state }) => state.kind === "firing").map(({ labels }) => ({ rule, labels })),
    );
  }

  /** Looks at every rule once. */
  evaluate(): void {
    const nowMs = this.#metrics.clock.now();
    for (const watched of this.#watched) this.#evaluate(watched, nowMs);
  }

  #evaluate({ rule, read, statesByKey }: Watched, nowMs: number): void {
    // Read even while the rule sleeps, so that its window is the last one when it wakes.
    const readings = read(nowMs);
    const unseen = new Set(statesByKey.keys());
    for (const { labels, value, samples } of readings) {
      const key = JSON.stringify(labels);
      unseen.delete(key);
      const holds = samples >= rule.samplesMin && this.#isAwake(rule) && exceeds(rule, value);
      this.#step({ rule, statesByKey, key, labels, value, nowMs, holds });
    }
    for (const key of unseen) {
      const labels = statesByKey.get(key)?.labels ?? {};
      this.#step({ rule, statesByKey, key, labels, value: undefined, nowMs, holds: false });
    }
  }

  #isAwake({ when }: AlertRule): boolean {
    if (!when) return true;
    return this.#metrics.series("gauge", when.gauge).some(({ instrument }) => instrument.value >= when.atLeast);
  }

  #step({ rule, statesByKey, key, labels, value, nowMs, holds }: Step): void {
    const before = statesByKey.get(key)?.state ?? QUIET;
    const after = nextState(before, rule, holds, nowMs);
    if (after === before) return;
    statesByKey.set(key, { state: after, labels });
    if (after.kind === "firing") this.#tell({ kind: "fired", rule, labels, value, atMs: nowMs });
    else if (before.kind === "firing") this.#tell({ kind: "resolved", rule, labels, value, atMs: nowMs });
  }

  #tell(event: AlertEvent): void {
    this.#history.push(event);
    if (this.#history.length > ALERT_HISTORY_MAX) this.#history.shift();
    this.#metrics.counter("alerts.told", { rule: event.rule.name, kind: event.kind }).add();
    try {
      this.#sink.onAlert(event);
    } catch (thrown) {
      this.#log.log("error", "alerts.sink_failed", { rule: event.rule.name, reason: String(thrown) });
    }
  }
}

interface Step {
  readonly rule: AlertRule;
  readonly statesByKey: Watched["statesByKey"];
  readonly key: string;
  readonly labels: Labels;
  readonly value: number | undefined;
  readonly nowMs: number;
  readonly holds: boolean;
}

function nextState(before: State, rule: AlertRule, holds: boolean, nowMs: number): State {
  if (before.kind === "firing") {
    return holds ? before : { kind: "quiet", silentUntilMs: nowMs + rule.cooldownMs };
  }
  const { silentUntilMs } = before;
  if (!holds) return before.kind === "quiet" ? before : { kind: "quiet", silentUntilMs };
  const sinceMs = before.kind === "pending" ? before.sinceMs : nowMs;
  if (nowMs - sinceMs >= rule.forMs && nowMs >= silentUntilMs) return { kind: "firing" };
  return before.kind === "pending" ? before : { kind: "pending", sinceMs, silentUntilMs };
}

function exceeds({ comparison, threshold }: AlertRule, value: number): boolean {
  return comparison === "above" ? value > threshold : value < threshold;
}
