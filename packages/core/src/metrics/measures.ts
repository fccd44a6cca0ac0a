/**
 * What an alert looks at: a figure of one series, or of several together, over the rule's window. A reading says with
 * how many samples it was made, so that a rule can ask for enough of them; there is none where there is nothing to read.
 */
import { unreachable } from "../base/index.ts";
import type { Histogram, HistogramMark } from "./histogram.ts";
import type { Labels, Metrics } from "./registry.ts";
import { Window } from "./window.ts";

export type Measure =
  /** A quantile of each series of a histogram; samples are what was recorded. */
  | { readonly kind: "quantile"; readonly metric: string; readonly labels: Labels; readonly quantile: number }
  /** By how much all series of a counter grew together; samples are the same. */
  | { readonly kind: "increase"; readonly metric: string }
  /** Growth of a counter by the growth of another; samples are the latter. */
  | { readonly kind: "share"; readonly metric: string; readonly of: string }
  /** Growth of a counter by each second of `busy`, a counter of milliseconds; samples are the share of time that was busy. */
  | { readonly kind: "rate"; readonly metric: string; readonly busy: string }
  /** A gauge as it stands; one sample. */
  | { readonly kind: "level"; readonly metric: string };

export interface Reading {
  /** Tells series of one rule apart; empty where there is one. */
  readonly labels: Labels;
  readonly value: number;
  readonly samples: number;
}

const MS_PER_SECOND = 1000;

/** Reads a measure again and again; keeps the marks of its window. */
export type ReadMeasure = (nowMs: number) => readonly Reading[];

export function openMeasure(metrics: Metrics, measure: Measure, windowMs: number): ReadMeasure {
  switch (measure.kind) {
    case "quantile":
      return openQuantile(metrics, measure, windowMs);
    case "increase":
      return openGrowth(metrics, [measure.metric], windowMs, ([grown]) => ({ value: grown, samples: grown }));
    case "share":
      return openGrowth(metrics, [measure.metric, measure.of], windowMs, ([part, all]) => ({
        value: part / all,
        samples: all,
      }));
    case "rate":
      return openGrowth(metrics, [measure.metric, measure.busy], windowMs, ([grown, busyMs], elapsedMs) => ({
        value: (grown * MS_PER_SECOND) / busyMs,
        samples: busyMs / elapsedMs,
      }));
    case "level":
      return () => metrics.series("gauge", measure.metric).map(toLevel);
    default:
      return unreachable(measure);
  }
}

function openQuantile(
  metrics: Metrics,
  { metric, labels, quantile }: Extract<Measure, { kind: "quantile" }>,
  windowMs: number,
): ReadMeasure {
  const windows = new Map<Histogram, Window<HistogramMark | undefined>>();
  const open = (histogram: Histogram, nowMs: number, first: HistogramMark | undefined) => {
    const window = new Window(windowMs, nowMs, first, () => histogram.mark());
    windows.set(histogram, window);
    return window;
  };
  const openedMs = metrics.clock.now();
  for (const { instrument } of metrics.series("histogram", metric, labels))
    open(instrument, openedMs, instrument.mark());
  return (nowMs) =>
    metrics.series("histogram", metric, labels).map(({ labels: own, instrument }) => {
      // A series that is new since then was empty.
      const window = windows.get(instrument) ?? open(instrument, nowMs, undefined);
      const { state } = window.start(nowMs);
      const samples = instrument.count - (state?.count ?? 0);
      return { labels: own, value: instrument.quantileSince(state, quantile), samples };
    });
}

type Grown = readonly [first: number, second: number];

/** Growth of the sums of one or two counters. */
function openGrowth(
  metrics: Metrics,
  names: readonly string[],
  windowMs: number,
  toReading: (grown: Grown, elapsedMs: number) => { readonly value: number; readonly samples: number },
): ReadMeasure {
  const sums = (): readonly number[] => names.map((name) => sumOf(metrics, name));
  const window = new Window(windowMs, metrics.clock.now(), sums(), sums);
  return (nowMs) => {
    const now = sums();
    const { atMs, state } = window.start(nowMs);
    const grown = now.map((sum, i) => sum - (state[i] ?? 0));
    const { value, samples } = toReading([grown[0] ?? 0, grown[1] ?? 0], nowMs - atMs);
    return samples > 0 ? [{ labels: {}, value, samples }] : [];
  };
}

function sumOf(metrics: Metrics, name: string): number {
  return metrics.series("counter", name).reduce((sum, { instrument }) => sum + instrument.value, 0);
}

function toLevel({ labels, instrument }: { readonly labels: Labels; readonly instrument: { value: number } }): Reading {
  return { labels, value: instrument.value, samples: 1 };
}
