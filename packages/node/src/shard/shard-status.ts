/** What a shard tells of itself. */
import type { ContextStatus } from "@dunlin/api";
import { idToText } from "@dunlin/core/base";
import type { MetricSnapshot, Metrics } from "@dunlin/core/metrics";
import type { SyncEngine } from "@dunlin/core/sync";
import { EQUIVOCATIONS_TOLD_MAX } from "../limits.ts";
import type { ContextSet } from "./context-set.ts";
import type { HostedContext } from "./hosted-context.ts";

/** The registry, with the gauges that are read rather than kept. */
export function measure(contexts: ContextSet, metrics: Metrics): readonly MetricSnapshot[] {
  const open = [...contexts.opened()];
  metrics.gauge("node.contexts").set(contexts.size);
  metrics.gauge("node.contexts_open").set(open.length);
  const pending = open.reduce((sum, { replica }) => sum + replica.pendingSize, 0);
  metrics.gauge("node.pending_deltas").set(pending);
  return metrics.snapshot();
}

export function statusOf({ id, replica, budget }: HostedContext, engine: SyncEngine): ContextStatus {
  const budgets = budget.usage();
  return {
    contextId: id,
    deltas: replica.flushed.count,
    pending: replica.pendingSize,
    heads: replica.flushed.heads.length,
    ...(budgets ? { budgets } : {}),
    ...(budget.refused > 0 ? { refusedCalls: budget.refused } : {}),
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
  };
}
