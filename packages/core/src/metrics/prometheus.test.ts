import { describe, expect, it } from "vitest";
import { toPrometheusText } from "./prometheus.ts";
import { Metrics } from "./registry.ts";

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Reads the exposition format by its grammar, and refuses whatever does not follow it. */
function parse(text: string): { readonly types: Map<string, string>; readonly samples: readonly Sample[] } {
  const types = new Map<string, string>();
  const samples: Sample[] = [];
  if (!text.endsWith("\n")) throw new Error("the last line has no end");
  for (const line of text.slice(0, -1).split("\n")) {
    const type = /^# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|summary)$/.exec(line);
    if (type) {
      if (types.has(type[1] as string)) throw new Error(`typed twice: ${line}`);
      types.set(type[1] as string, type[2] as string);
      continue;
    }
    const sample = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/.exec(line);
    if (!sample) throw new Error(`no sample: ${line}`);
    samples.push({ name: sample[1] as string, labels: labelsOf(sample[2] ?? ""), value: Number(sample[3]) });
  }
  return { types, samples };
}

function labelsOf(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  const pair = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)/y;
  while (pair.lastIndex < text.length) {
    const found = pair.exec(text);
    if (!found) throw new Error(`no labels: ${text}`);
    labels[found[1] as string] = (found[2] as string).replace(/\\(.)/g, (_, c: string) => (c === "n" ? "\n" : c));
  }
  return labels;
}

describe("the text for a scraper", () => {
  it("reads back as what was recorded", () => {
    const metrics = new Metrics({ now: () => 0 });
    const awkward = 'a\\b"c\nd\\n,{}=é';
    metrics.counter("sync.refused", { code: awkward }).add(3);
    metrics.gauge("memory.used", {}, "bytes").set(1234.5);
    metrics.gauge("odd").set(Number.POSITIVE_INFINITY);
    for (let i = 1; i <= 100; i++) metrics.histogram("operation.duration", { kind: "get" }).record(i);
    const { types, samples } = parse(toPrometheusText(metrics.snapshot(), "dunlin"));
    const find = (name: string, labels: object = {}): number | undefined =>
      samples.find((one) => one.name === name && JSON.stringify(one.labels) === JSON.stringify(labels))?.value;

    expect(types.get("dunlin_sync_refused_total")).toBe("counter");
    expect(find("dunlin_sync_refused_total", { code: awkward })).toBe(3);
    expect(types.get("dunlin_memory_used_bytes")).toBe("gauge");
    expect(find("dunlin_memory_used_bytes")).toBe(1234.5);
    expect(samples.some(({ name, value }) => name === "dunlin_odd" && Number.isNaN(value))).toBe(true);
    expect(types.get("dunlin_operation_duration_seconds")).toBe("summary");
    expect(find("dunlin_operation_duration_seconds", { kind: "get", quantile: "0.5" })).toBeCloseTo(0.05, 3);
    expect(find("dunlin_operation_duration_seconds", { kind: "get", quantile: "0.99" })).toBeCloseTo(0.099, 3);
    expect(find("dunlin_operation_duration_seconds_sum", { kind: "get" })).toBeCloseTo(5.05, 9);
    expect(find("dunlin_operation_duration_seconds_count", { kind: "get" })).toBe(100);
    expect(find("dunlin_operation_duration_seconds_max", { kind: "get" })).toBeCloseTo(0.1, 9);
  });

  it("says every sample's type", () => {
    const metrics = new Metrics({ now: () => 0 });
    metrics.counter("a.b").add();
    metrics.histogram("c", {}, "bytes").record(1);
    const { types, samples } = parse(toPrometheusText(metrics.snapshot(), "x"));
    for (const { name } of samples) {
      expect(types.has(name) || types.has(name.replace(/_(sum|count)$/, "")), name).toBe(true);
    }
  });
});
