/** Metrics of databases, watched: memory and alerts, with what the platform has for everything that is not passed. */
import type { Log, Scheduler } from "../base/index.ts";
import {
  type AlertEvent,
  type AlertRule,
  Alerts,
  DEFAULT_RULES,
  MemoryMeter,
  type MemoryProbe,
  type Metrics,
  Monitor,
} from "../metrics/index.ts";
import { consoleLog, systemMemory, systemScheduler } from "../platform/index.ts";

export interface WatchMetricsOptions {
  /** Told when an alert begins to hold and when it ends. */
  readonly onAlert: (event: AlertEvent) => void;
  /** `DEFAULT_RULES` unless said. */
  readonly rules?: readonly AlertRule[];
  readonly intervalMs?: number;
  readonly memory?: MemoryProbe;
  readonly scheduler?: Scheduler;
  readonly log?: Log;
}

/** Samples memory and looks at the rules every second, until it is disposed of. */
export function watchMetrics(metrics: Metrics, options: WatchMetricsOptions): Monitor {
  const { onAlert, rules = DEFAULT_RULES, intervalMs, memory = systemMemory } = options;
  return new Monitor({
    memory: new MemoryMeter(metrics, memory),
    alerts: new Alerts({ metrics, rules, sink: { onAlert }, log: options.log ?? consoleLog }),
    scheduler: options.scheduler ?? systemScheduler,
    ...(intervalMs === undefined ? {} : { intervalMs }),
  });
}
