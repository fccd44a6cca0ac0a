export { type AlertRule, DEFAULT_RULES } from "./alert-rules.ts";
export { type AlertEvent, type AlertSink, Alerts, type AlertsOptions } from "./alerts.ts";
export { Histogram, type HistogramMark, type HistogramSummary } from "./histogram.ts";
export { Counter, Gauge } from "./instruments.ts";
export type { Measure } from "./measures.ts";
export { MemoryMeter } from "./memory.ts";
export { Monitor, type MonitorOptions } from "./monitor.ts";
export { type Begun, type OperationKind, OperationMeter, type StageKind, StageMeter } from "./operations.ts";
export type { MemoryProbe, MonotonicClock } from "./ports.ts";
export { toPrometheusText } from "./prometheus.ts";
export {
  type InstrumentKind,
  type Labels,
  type MetricSnapshot,
  Metrics,
  type Series,
  type SeriesSnapshot,
  type Unit,
} from "./registry.ts";
