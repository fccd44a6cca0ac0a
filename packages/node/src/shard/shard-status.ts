/** What a shard tells of itself. */
import { idToText } from "@dunlin/core/base";
import type { MetricSnapshot, Metrics } from "@dunlin/core/metrics";
import type { SyncEngine } from "@dunlin/core/sync";
import { EQUIVOCATIONS_TOLD_MAX } from "../limits.ts";
import type { ShardStatus } from "../messages.ts";
import type { HostedContext } from "./hosted-context.ts";

/** The registry, with the gauges that are read rather than kept. */
export function measure(hosted: Iterable<HostedContext>, metrics: Metrics): readonly MetricSnapshot[] {
  const contexts = [...hosted];
  metrics.gauge("node.contexts").set(contexts.length);
  const pending = contexts.reduce((sum, { replica }) => sum + replica.pendingSize, 0);
  metrics.gauge("node.pending_deltas").set(pending);
  return metrics.snapshot();
}

export function statusOf(hosted: Iterable<HostedContext>, engine: SyncEngine): ShardStatus {
  const contexts = [...hosted].map(({ id, replica }) => ({
    contextId: id,
    deltas: replica.flushed.count,
    pending: replica.pendingSize,
    heads: replica.flushed.heads.length,
    equivocations: replica
      .equivocations()
      .slice(0, EQUIVOCATIONS_TOLD_MAX)
      .map(({ member, actor, deltas }) => ({
        member: idToText(member),
        actor: idToText(actor),
        deltas: deltas.map(idToText),
      })),
    syncs: engine.status(replica.context).map(({ peer, state, reason, lastSuccessMs }) => ({
      peerId: peer,
      state,
      reason,
      lastSuccessMs: lastSuccessMs ?? null,
    })),
  }));
  return { contexts, counters: Object.fromEntries(engine.counters) };
}
