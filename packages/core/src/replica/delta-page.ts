/** Reading flushed deltas for a peer, in the order in which they were admitted, as far as a limit of bytes goes. */
import { type ContextId, Miss, must } from "../base/index.ts";
import type { Order, VersionVector } from "../dag/index.ts";
import type { ReplicaPorts } from "./ports.ts";
import { orderKey, tablePrefix } from "./rows.ts";

/** Deltas as on the wire; `more` when a limit cut them short. */
export interface DeltaPage {
  readonly deltas: readonly Uint8Array[];
  readonly more: boolean;
}

/** A page of what lies beyond a version vector; `upTo` is the vector of who has it. */
export interface MissingPage extends DeltaPage {
  readonly upTo: VersionVector;
}

type Store = ReplicaPorts["store"];

/** Of these orders, which ascend, those below `end`: up to `bytesMax`, but at least one. */
export function readDeltas(
  { store, context, end }: { readonly store: Store; readonly context: ContextId; readonly end: Order },
  orders: Iterable<Order>,
  bytesMax: number,
): DeltaPage {
  const log = tablePrefix(context, "d");
  const deltas: Uint8Array[] = [];
  let bytes = 0;
  for (const order of orders) {
    if (order >= end) break;
    const delta = readStored(store, orderKey(log, order));
    if (!delta) return { deltas, more: true };
    if (deltas.length > 0 && bytes + delta.length > bytesMax) return { deltas, more: true };
    deltas.push(delta.slice());
    bytes += delta.length;
  }
  return { deltas, more: false };
}

/** A row that is there; undefined while its page is being loaded, which whoever asked will ask for again. */
function readStored(store: Store, key: Uint8Array): Uint8Array | undefined {
  try {
    return must(store.get(key), "a flushed delta is in the store");
  } catch (thrown) {
    if (!(thrown instanceof Miss)) throw thrown;
    void store.load(thrown);
    return undefined;
  }
}
