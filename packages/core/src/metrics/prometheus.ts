/**
 * The registry as text for a scraper, in the Prometheus exposition format 0.0.4: dots become underscores, durations
 * seconds, counters end in `_total`. A histogram is shown as a summary, with its quantiles since the start, its sum and
 * its count, and its greatest value as a gauge of its own: the buckets themselves are too many to send.
 */
import type { HistogramSummary } from "./histogram.ts";
import type { Labels, MetricSnapshot, SeriesSnapshot, Unit } from "./registry.ts";

const MS_PER_SECOND = 1000;
const QUANTILES = [
  ["0.5", "p50"],
  ["0.95", "p95"],
  ["0.99", "p99"],
] as const;

/** `prefix` comes before every name, as scrapers like to tell programs apart. */
export function toPrometheusText(metrics: readonly MetricSnapshot[], prefix: string): string {
  return metrics.map((metric) => familyText(metric, prefix)).join("");
}

function familyText({ name, kind, unit, series }: MetricSnapshot, prefix: string): string {
  const base = `${prefix}_${name.replaceAll(".", "_")}${unitSuffix(unit)}`;
  const scale = unit === "milliseconds" ? 1 / MS_PER_SECOND : 1;
  if (kind === "histogram") return summaryText(base, scale, series);
  const full = kind === "counter" ? `${base}_total` : base;
  const lines = series.map((one) => line(full, one.labels, "value" in one ? one.value * scale : 0));
  return `# TYPE ${full} ${kind}\n${lines.join("")}`;
}

function summaryText(base: string, scale: number, series: readonly SeriesSnapshot[]): string {
  let text = `# TYPE ${base} summary\n`;
  let greatest = `# TYPE ${base}_max gauge\n`;
  for (const one of series) {
    if (!("count" in one)) continue;
    const summary: HistogramSummary = one;
    for (const [quantile, field] of QUANTILES) text += line(base, { ...one.labels, quantile }, summary[field] * scale);
    text += line(`${base}_sum`, one.labels, summary.sum * scale);
    text += line(`${base}_count`, one.labels, summary.count);
    greatest += line(`${base}_max`, one.labels, summary.max * scale);
  }
  return text + greatest;
}

function line(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
  return `${name}${pairs.length > 0 ? `{${pairs.join(",")}}` : ""} ${valueText(value)}\n`;
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"');
}

function valueText(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
}

function unitSuffix(unit: Unit): string {
  if (unit === "milliseconds") return "_seconds";
  return unit === "bytes" ? "_bytes" : "";
}
