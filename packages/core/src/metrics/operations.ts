/**
 * What is told of every operation, whatever its kind: how long it took, how many items it did, how it failed, how often
 * it was tried again; and of all together, how many are in flight and for how long any was. Throughput under load is
 * items by that busy time: an idle hour does not make a fast store slow, and waiting callers do not count twice.
 *
 *   operation.duration{kind,size}   ms; `size` is `one`, or `many` for a bulk operation, which is no single operation
 *   operation.items{kind}           items done; a bulk operation does many
 *   operation.slow{kind}            single operations that took longer than `SLOW_OPERATION_MS`
 *   operation.attempts{kind}        operations that ended, well or not
 *   operation.errors{kind,code}     those that ended with a code
 *   operation.retries{kind}         times that one was run again
 *   operation.in_flight, operation.busy (ms)
 *
 * Stages are timed alike, as `stage.*`, but are parts of operations: they neither load nor slow the whole once more.
 */
import type { Histogram } from "./histogram.ts";
import type { Counter, Gauge } from "./instruments.ts";
import { SLOW_OPERATION_MS } from "./limits.ts";
import type { MonotonicClock } from "./ports.ts";
import type { Metrics } from "./registry.ts";

/** What a user asks for. */
export type OperationKind = "insert" | "get" | "update" | "delete" | "query" | "merge" | "call";

/** What happens within. */
export type StageKind = "apply" | "encode" | "store_commit" | "sync_round_trip";

/** When something began, for `end` or `fail`. */
export type Begun = number;

export class OperationMeter {
  readonly #metrics: Metrics;
  readonly #kind: OperationKind;
  readonly #load: Load;
  readonly #one: Histogram;
  readonly #many: Histogram;
  readonly #items: Counter;
  readonly #attempts: Counter;
  readonly #slow: Counter;
  readonly #retries: Counter;

  /** Got once by whoever times the kind; all meters of a registry share its load. */
  constructor(metrics: Metrics, kind: OperationKind) {
    this.#metrics = metrics;
    this.#kind = kind;
    this.#load = loadOf(metrics);
    this.#one = metrics.histogram("operation.duration", { kind, size: "one" });
    this.#many = metrics.histogram("operation.duration", { kind, size: "many" });
    this.#items = metrics.counter("operation.items", { kind });
    this.#attempts = metrics.counter("operation.attempts", { kind });
    this.#slow = metrics.counter("operation.slow", { kind });
    this.#retries = metrics.counter("operation.retries", { kind });
  }

  begin(): Begun {
    return this.#load.begin();
  }

  /** It went well, for so many items. */
  end(begun: Begun, items = 1): void {
    const tookMs = this.#load.end() - begun;
    this.#attempts.add();
    this.#items.add(items);
    if (items !== 1) return this.#many.record(tookMs);
    this.#one.record(tookMs);
    if (tookMs > SLOW_OPERATION_MS) this.#slow.add();
  }

  /** It failed. Codes are few: they come from the unions of docs/errors.md. */
  fail(_begun: Begun, code: string): void {
    this.#load.end();
    this.#attempts.add();
    this.#metrics.counter("operation.errors", { kind: this.#kind, code }).add();
  }

  retry(): void {
    this.#retries.add();
  }
}

export class StageMeter {
  readonly #clock: MonotonicClock;
  readonly #metrics: Metrics;
  readonly #kind: StageKind;
  readonly #duration: Histogram;

  constructor(metrics: Metrics, kind: StageKind) {
    this.#clock = metrics.clock;
    this.#metrics = metrics;
    this.#kind = kind;
    this.#duration = metrics.histogram("stage.duration", { kind });
  }

  begin(): Begun {
    return this.#clock.now();
  }

  end(begun: Begun): void {
    this.#duration.record(this.#clock.now() - begun);
  }

  fail(code: string): void {
    this.#metrics.counter("stage.errors", { kind: this.#kind, code }).add();
  }
}

/** How many operations of a registry are in flight, and for how long any was. */
class Load {
  readonly #clock: MonotonicClock;
  readonly #inFlight: Gauge;
  readonly #busy: Counter;
  #busySince = 0;

  constructor(metrics: Metrics) {
    this.#clock = metrics.clock;
    this.#inFlight = metrics.gauge("operation.in_flight");
    this.#busy = metrics.counter("operation.busy", {}, "milliseconds");
  }

  begin(): number {
    const now = this.#clock.now();
    if (this.#inFlight.value === 0) this.#busySince = now;
    this.#inFlight.add(1);
    return now;
  }

  end(): number {
    const now = this.#clock.now();
    this.#inFlight.add(-1);
    this.#busy.add(now - this.#busySince);
    this.#busySince = now;
    return now;
  }
}

/** One load per registry: whoever makes a meter need not know of the others. */
const loads = new WeakMap<Metrics, Load>();

function loadOf(metrics: Metrics): Load {
  const known = loads.get(metrics) ?? new Load(metrics);
  loads.set(metrics, known);
  return known;
}
