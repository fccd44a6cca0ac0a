/** Samples memory and looks at the alerts in a steady rhythm, until it is disposed of. */
import type { Cancel, Scheduler } from "../base/index.ts";
import type { Alerts } from "./alerts.ts";
import { MONITOR_INTERVAL_MS } from "./limits.ts";
import type { MemoryMeter } from "./memory.ts";

export interface MonitorOptions {
  readonly memory: MemoryMeter;
  readonly alerts: Alerts;
  readonly scheduler: Scheduler;
  /** 1,000 unless said: times of alerts are as precise as this. */
  readonly intervalMs?: number;
}

export class Monitor implements Disposable {
  /** The alerts that it looks at. */
  readonly alerts: Alerts;
  readonly #options: MonitorOptions;
  #cancel: Cancel | undefined;

  constructor(options: MonitorOptions) {
    this.#options = options;
    this.alerts = options.alerts;
    this.#look();
  }

  [Symbol.dispose](): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #look(): void {
    const { memory, scheduler, intervalMs } = this.#options;
    memory.sample();
    this.alerts.evaluate();
    this.#cancel = scheduler.after(intervalMs ?? MONITOR_INTERVAL_MS, () => this.#look());
  }
}
