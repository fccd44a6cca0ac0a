/** What the network counts, as metrics beside those of the shard's registry. */
import type { MetricSnapshot } from "@dunlin/core/metrics";
import type { NetworkStats } from "@dunlin/network";

export function networkMetrics({
  connections,
  peers,
  totals,
  cuts,
  dialling,
}: NetworkStats): readonly MetricSnapshot[] {
  const queued = peers.reduce((sum, { queuedBytes }) => sum + queuedBytes, 0);
  return [
    one("network.connections", "gauge", "none", connections),
    one("network.peers", "gauge", "none", peers.length),
    one("network.dialling", "gauge", "none", dialling),
    one("network.queued", "gauge", "bytes", queued),
    one("network.frames_in", "counter", "none", totals.framesIn),
    one("network.frames_out", "counter", "none", totals.framesOut),
    one("network.received", "counter", "bytes", totals.bytesIn),
    one("network.sent", "counter", "bytes", totals.bytesOut),
    one("network.frames_dropped", "counter", "none", totals.dropped),
    {
      name: "network.cuts",
      kind: "counter",
      unit: "none",
      series: Object.entries(cuts).map(([code, value]) => ({ labels: { code }, value })),
    },
  ];
}

function one(name: string, kind: "counter" | "gauge", unit: MetricSnapshot["unit"], value: number): MetricSnapshot {
  return { name, kind, unit, series: [{ labels: {}, value }] };
}
