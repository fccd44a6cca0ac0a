/**
 * Taking in what another opener of the same store committed for the context, such as another tab of the same page.
 *
 * Both write as one actor, in turns: before its turn begins, each has the other's deltas in its graph and their joins in
 * its state, so sequences have no gap and no increment is lost. The deltas were admitted when they were committed;
 * joining them to cells that show them already changes nothing.
 */
import { type ContextId, err, ok, type Result, runLoaded } from "../base/index.ts";
import type { Document } from "../crdt/index.ts";
import type { Admission } from "./admission.ts";
import type { Adopted } from "./committer.ts";
import { applyStored, type LoadErrorCode } from "./load.ts";
import type { ReplicaPorts } from "./ports.ts";
import { decodeMeta, type MetaRow, tablePrefix } from "./rows.ts";

export interface News {
  readonly meta: MetaRow;
  readonly deltas: readonly Adopted[];
}

/** What is in the store beyond the graph, taken in; undefined when there is nothing. */
export async function catchUp(
  ports: Pick<ReplicaPorts, "store" | "crypto">,
  context: ContextId,
  document: Document,
  admission: Admission,
): Promise<Result<News | undefined>> {
  const bytes = await runLoaded(ports.store, () => ports.store.get(tablePrefix(context, "m")));
  const meta = bytes && decodeMeta(bytes);
  if (bytes && !meta) return err<LoadErrorCode>("CONTEXT_DAMAGED", "its summary row does not decode");
  if (!meta || meta.count <= admission.graph.size) return ok(undefined);
  const deltas: Adopted[] = [];
  for (let order = admission.graph.size; order < meta.count; order++) {
    const applied = await runLoaded(ports.store, () => applyStored(ports, context, document, admission, order));
    if (!applied.ok) return applied;
    const { delta, entries } = applied.value;
    admission.adopt(delta, entries);
    deltas.push({ delta, entries });
  }
  return ok({ meta, deltas });
}
