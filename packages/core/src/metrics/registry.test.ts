import { describe, expect, it } from "vitest";
import { AssertionError } from "../base/index.ts";
import { LABEL_VALUE_CHARS_MAX, LABELS_MAX, METRICS_MAX, SERIES_PER_METRIC_MAX } from "./limits.ts";
import { Metrics } from "./registry.ts";

const create = (): Metrics => new Metrics({ now: () => 0 });

describe("the registry", () => {
  it("gives one handle for one name and set of labels, in any order", () => {
    const metrics = create();
    const first = metrics.counter("a.b", { x: "1", y: "2" });
    first.add(2);
    expect(metrics.counter("a.b", { y: "2", x: "1" })).toBe(first);
    expect(metrics.counter("a.b", { x: "1", y: "3" })).not.toBe(first);
    expect(metrics.series("counter", "a.b", { x: "1" })).toHaveLength(2);
    expect(metrics.series("counter", "a.b", { y: "2" }).map(({ instrument }) => instrument.value)).toEqual([2]);
    expect(metrics.series("gauge", "a.b")).toEqual([]);
  });

  it("snapshots as plain data, by name", () => {
    const metrics = create();
    metrics.gauge("z", {}, "bytes").set(-3);
    metrics.counter("a", { code: "X" }).add();
    metrics.histogram("m").record(5);
    const snapshot = JSON.parse(JSON.stringify(metrics.snapshot()));
    expect(snapshot).toEqual([
      { name: "a", kind: "counter", unit: "none", series: [{ labels: { code: "X" }, value: 1 }] },
      {
        name: "m",
        kind: "histogram",
        unit: "milliseconds",
        series: [{ labels: {}, count: 1, sum: 5, min: 5, max: 5, p50: 5, p95: 5, p99: 5 }],
      },
      { name: "metrics.series_folded", kind: "counter", unit: "none", series: [{ labels: {}, value: 0 }] },
      { name: "z", kind: "gauge", unit: "bytes", series: [{ labels: {}, value: -3 }] },
    ]);
  });

  it("folds label sets beyond the limit into one", () => {
    const metrics = create();
    for (let i = 0; i < SERIES_PER_METRIC_MAX + 50; i++) metrics.counter("hits", { peer: `peer-${i}` }).add();
    const all = metrics.series("counter", "hits");
    expect(all).toHaveLength(SERIES_PER_METRIC_MAX + 1);
    expect(all.at(-1)).toMatchObject({ labels: { peer: "other" }, instrument: { value: 50 } });
    expect(metrics.counter("metrics.series_folded").value).toBe(50);
    // What was there before the limit keeps its own.
    expect(metrics.counter("hits", { peer: "peer-7" }).value).toBe(1);
  });

  it("cuts long label values, so that two that differ beyond the cut are one", () => {
    const metrics = create();
    const long = "x".repeat(LABEL_VALUE_CHARS_MAX);
    expect(metrics.counter("a", { v: `${long}1` })).toBe(metrics.counter("a", { v: `${long}2` }));
    expect(metrics.series("counter", "a")[0]?.labels).toEqual({ v: long });
  });

  it("asserts against misuse", () => {
    const metrics = create();
    metrics.counter("a");
    expect(() => metrics.gauge("a")).toThrow(AssertionError);
    expect(() => metrics.counter("a", {}, "bytes")).toThrow(AssertionError);
    for (const name of ["", "a b", "a..b", ".a", "a-b", "1a"])
      expect(() => metrics.counter(name)).toThrow(AssertionError);
    for (const label of ["A", "a-b", "__proto__"])
      expect(() => metrics.counter("b", JSON.parse(`{"${label}":"1"}`))).toThrow(AssertionError);
    const many = Object.fromEntries(Array.from({ length: LABELS_MAX + 1 }, (_, i) => [`l${i}`, "1"]));
    expect(() => metrics.counter("c", many)).toThrow(AssertionError);
    expect(() => metrics.counter("a").add(-1)).toThrow(AssertionError);
    expect(() => metrics.counter("a").add(Number.NaN)).toThrow(AssertionError);
  });

  it("asserts when names are made of what comes from outside", () => {
    const metrics = create();
    expect(() => {
      for (let i = 0; i <= METRICS_MAX; i++) metrics.counter(`name_${i}`);
    }).toThrow(/too many metrics/);
  });
});
