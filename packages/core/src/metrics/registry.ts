/**
 * The one registry of a process: counters, gauges and histograms by dotted name and labels.
 *
 * A handle is got once and kept; recording through it looks nothing up. The same name and labels give the same handle,
 * so parts that know nothing of each other add to one series. What is counted is bounded: label sets beyond the limit
 * fall together in one series `other`, and `metrics.series_folded` says how often a handle was got that way.
 *
 * Refuses, by assertion: a name or label that is not of the form below, and one name with two kinds or two units.
 */
import { assert } from "../base/index.ts";
import { Histogram, type HistogramSummary } from "./histogram.ts";
import { Counter, Gauge } from "./instruments.ts";
import { LABEL_VALUE_CHARS_MAX, LABELS_MAX, METRICS_MAX, SERIES_PER_METRIC_MAX } from "./limits.ts";
import type { MonotonicClock } from "./ports.ts";

export type Labels = Readonly<Record<string, string>>;

/** What a value counts. Durations are recorded in milliseconds. */
export type Unit = "milliseconds" | "bytes" | "none";

export type InstrumentKind = "counter" | "gauge" | "histogram";

export interface Series<I> {
  readonly labels: Labels;
  readonly instrument: I;
}

export interface MetricSnapshot {
  readonly name: string;
  readonly kind: InstrumentKind;
  readonly unit: Unit;
  readonly series: readonly SeriesSnapshot[];
}

export type SeriesSnapshot =
  | { readonly labels: Labels; readonly value: number }
  | ({ readonly labels: Labels } & HistogramSummary);

interface Instruments {
  readonly counter: Counter;
  readonly gauge: Gauge;
  readonly histogram: Histogram;
}

interface Family {
  readonly kind: InstrumentKind;
  readonly unit: Unit;
  readonly seriesByKey: Map<string, Series<Instruments[InstrumentKind]>>;
}

const NAME = /^[a-z][a-zA-Z0-9_]*(\.[a-zA-Z0-9_]+)*$/;
const LABEL = /^[a-z][a-z0-9_]*$/;
const NO_LABELS: Labels = {};
const NANOSECONDS_PER_MS = 1_000_000;

export class Metrics {
  readonly clock: MonotonicClock;
  readonly #families = new Map<string, Family>();
  readonly #folded: Counter;

  constructor(clock: MonotonicClock) {
    this.clock = clock;
    this.#folded = this.counter("metrics.series_folded");
  }

  counter(name: string, labels: Labels = NO_LABELS, unit: Unit = "none"): Counter {
    return this.#instrument("counter", name, labels, unit, () => new Counter());
  }

  gauge(name: string, labels: Labels = NO_LABELS, unit: Unit = "none"): Gauge {
    return this.#instrument("gauge", name, labels, unit, () => new Gauge());
  }

  histogram(name: string, labels: Labels = NO_LABELS, unit: Unit = "milliseconds"): Histogram {
    const unitsPerOne = unit === "milliseconds" ? NANOSECONDS_PER_MS : 1;
    return this.#instrument("histogram", name, labels, unit, () => new Histogram(unitsPerOne));
  }

  /** The series of a metric whose labels include `labels`; none when there is no such metric of that kind. */
  series<K extends InstrumentKind>(
    kind: K,
    name: string,
    labels: Labels = NO_LABELS,
  ): readonly Series<Instruments[K]>[] {
    const family = this.#families.get(name);
    if (family?.kind !== kind) return [];
    const wanted = Object.entries(labels);
    const all = [...family.seriesByKey.values()] as unknown as Series<Instruments[K]>[];
    return all.filter((series) => wanted.every(([label, value]) => series.labels[label] === value));
  }

  /** All metrics by name, as plain data that JSON takes. */
  snapshot(): readonly MetricSnapshot[] {
    return [...this.#families.keys()].sort().map((name) => {
      const { kind, unit, seriesByKey } = this.#families.get(name) as Family;
      return { name, kind, unit, series: [...seriesByKey.values()].map(toSnapshot) };
    });
  }

  #instrument<K extends InstrumentKind>(
    kind: K,
    name: string,
    labels: Labels,
    unit: Unit,
    create: () => Instruments[K],
  ): Instruments[K] {
    const family = this.#family(kind, name, unit);
    const key = keyOf(labels);
    const found = family.seriesByKey.get(key) ?? this.#addSeries(family, key, labels, create);
    return found.instrument as Instruments[K];
  }

  #family(kind: InstrumentKind, name: string, unit: Unit): Family {
    const known = this.#families.get(name);
    if (known) {
      assert(known.kind === kind && known.unit === unit, () => `${name} is a ${known.kind} of ${known.unit} already`);
      return known;
    }
    assert(NAME.test(name), () => `${name} is no name of a metric: words with dots between`);
    assert(this.#families.size < METRICS_MAX, "too many metrics: is a name made of foreign input?");
    const family: Family = { kind, unit, seriesByKey: new Map() };
    this.#families.set(name, family);
    return family;
  }

  #addSeries<K extends InstrumentKind>(
    { seriesByKey }: Family,
    key: string,
    labels: Labels,
    create: () => Instruments[K],
  ): Series<Instruments[InstrumentKind]> {
    const entries = Object.entries(labels);
    assert(entries.length <= LABELS_MAX, () => `a metric has at most ${LABELS_MAX} labels`);
    for (const [label] of entries) assert(LABEL.test(label), () => `${label} is no name of a label`);
    if (seriesByKey.size < SERIES_PER_METRIC_MAX) return addTo(seriesByKey, key, cut(entries), create());
    this.#folded.add();
    const other = Object.fromEntries(entries.map(([label]) => [label, "other"]));
    const otherKey = keyOf(other);
    return seriesByKey.get(otherKey) ?? addTo(seriesByKey, otherKey, other, create());
  }
}

function addTo<I>(seriesByKey: Map<string, Series<I>>, key: string, labels: Labels, instrument: I): Series<I> {
  const series = { labels, instrument };
  seriesByKey.set(key, series);
  return series;
}

/** One text for one set of labels, whatever their order. */
function keyOf(labels: Labels): string {
  const entries = Object.entries(labels);
  if (entries.length === 0) return "";
  return JSON.stringify(Object.entries(cut(entries)).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function cut(entries: readonly (readonly [string, string])[]): Labels {
  return Object.fromEntries(entries.map(([label, value]) => [label, value.slice(0, LABEL_VALUE_CHARS_MAX)]));
}

function toSnapshot({ labels, instrument }: Series<Instruments[InstrumentKind]>): SeriesSnapshot {
  if (instrument instanceof Histogram) return { labels, ...instrument.summary() };
  return { labels, value: instrument.value };
}
