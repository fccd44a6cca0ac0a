/**
 * What sync tells the host's registry of time:
 *
 *   node.delta_apply_duration   from a frame's deltas to their admission and application, per delta
 *   sync.delta_age              from a pushed delta's stamp to its admission here: as true as the two clocks are
 *   sync.duration               from something being known to be missing to its being here, where it was pulled
 *   stage.duration{kind=sync_round_trip}
 */
import { type Clock, stampToMs } from "../base/index.ts";
import type { AuthenticDelta } from "../dag/index.ts";
import { type Begun, type Histogram, type Metrics, StageMeter } from "../metrics/index.ts";

export class SyncMeters {
  readonly roundTrip: StageMeter;
  readonly #metrics: Metrics;
  readonly #clock: Clock;
  readonly #applied: Histogram;
  readonly #age: Histogram;
  readonly #duration: Histogram;

  constructor(metrics: Metrics, clock: Clock) {
    this.#metrics = metrics;
    this.#clock = clock;
    this.roundTrip = new StageMeter(metrics, "sync_round_trip");
    this.#applied = metrics.histogram("node.delta_apply_duration");
    this.#age = metrics.histogram("sync.delta_age");
    this.#duration = metrics.histogram("sync.duration");
  }

  begin(): Begun {
    return this.#metrics.clock.now();
  }

  /** A frame of so many deltas was admitted; those of a push are told of by their age too. */
  admitted(begun: Begun, count: number, pushed: readonly AuthenticDelta[]): void {
    if (count > 0) this.#applied.record((this.#metrics.clock.now() - begun) / count);
    const now = this.#clock.now();
    for (const { stamp } of pushed) this.#age.record(Math.max(0, now - stampToMs(stamp)));
  }

  synced(tookMs: number): void {
    this.#duration.record(Math.max(0, tookMs));
  }
}
