/**
 * Taking in what another opener of the same store committed for the context, such as another tab of the same page.
 *
 * Both write as one actor, in turns: before its turn begins, each has the other's deltas in its graph and their joins in
 * its state, so sequences have no gap and no increment is lost. The deltas were admitted when they were committed;
 * joining them to cells that show them already changes nothing.
 */
import { type Result, runLoaded, StoreFailure } from "../base/index.ts";
import type { Compactor, CompactorHost } from "./checkpoint/compactor.ts";
import type { Adopted } from "./committer.ts";
import { applyStored, loadBase, type StoredDelta } from "./load.ts";
import { decodeMeta, type MetaRow, tablePrefix } from "./rows.ts";

export interface News {
  readonly meta: MetaRow;
  readonly deltas: readonly Adopted[];
}

/** What is in the store beyond the graph, taken in; undefined when there is nothing. Throws when it is damaged. */
export async function catchUp(host: CompactorHost, checkpoints: Compactor): Promise<News | undefined> {
  const { ports, context, document, admission, derivation } = host;
  const base = sound(await runLoaded(ports.store, () => loadBase(ports.store, context)));
  const isRebased = checkpoints.adopt(base);
  if (isRebased) await derivation?.onForeign();
  const bytes = await runLoaded(ports.store, () => ports.store.get(tablePrefix(context, "m")));
  const meta = bytes && decodeMeta(bytes);
  if (bytes && !meta) throw new StoreFailure("STORE_CORRUPT", "the summary row of a context does not decode");
  const count = meta?.count ?? 0;
  const deltas: Adopted[] = [];
  for (let order = admission.graph.size; order < count; order++) {
    const apply = (): Result<StoredDelta> => applyStored(ports, context, document, admission, order);
    const { delta, entries } = sound(await runLoaded(ports.store, apply));
    admission.adopt(delta, entries);
    deltas.push({ delta, entries });
  }
  // The cells begin with another checkpoint: what was read of them does not hold, nor what it covers, joined once more.
  if (isRebased) document.reset();
  return meta === undefined || deltas.length === 0 ? undefined : { meta, deltas };
}

function sound<T>(result: Result<T>): T {
  if (!result.ok) throw new StoreFailure("STORE_CORRUPT", result.error.message);
  return result.value;
}
