/**
 * Memory over time: what is used now, its peak and its average, from a probe of the host; and all that is used by the
 * items that the state holds.
 *
 *   memory.used, memory.peak, memory.average, memory.per_item    bytes
 *   state.items                                                  kept by databases: documents, of all that share the registry
 *
 * A sample is taken when `sample` is called; the host chooses the rhythm. Samples count alike in the average.
 */
import type { Gauge } from "./instruments.ts";
import type { MemoryProbe } from "./ports.ts";
import type { Metrics } from "./registry.ts";

export class MemoryMeter {
  readonly #probe: MemoryProbe;
  readonly #used: Gauge;
  readonly #peak: Gauge;
  readonly #average: Gauge;
  readonly #perItem: Gauge;
  readonly #items: Gauge;
  #samples = 0;
  #sum = 0;

  constructor(metrics: Metrics, probe: MemoryProbe) {
    this.#probe = probe;
    this.#used = metrics.gauge("memory.used", {}, "bytes");
    this.#peak = metrics.gauge("memory.peak", {}, "bytes");
    this.#average = metrics.gauge("memory.average", {}, "bytes");
    this.#perItem = metrics.gauge("memory.per_item", {}, "bytes");
    this.#items = metrics.gauge("state.items");
  }

  /** Reads the probe; without effect where it cannot tell. */
  sample(): void {
    const bytes = this.#probe.usedBytes();
    if (bytes === undefined) return;
    this.#samples++;
    this.#sum += bytes;
    this.#used.set(bytes);
    this.#average.set(this.#sum / this.#samples);
    if (bytes > this.#peak.value) this.#peak.set(bytes);
    this.#perItem.set(this.#items.value > 0 ? bytes / this.#items.value : 0);
  }
}
