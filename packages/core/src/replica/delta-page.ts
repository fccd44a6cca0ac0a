/** Reading flushed deltas for a peer, in the order in which they were admitted, as far as a limit of bytes goes. */
import { type ContextId, Miss, must } from "../base/index.ts";
import type { Crypto } from "../crypto/index.ts";
import type { Order, VersionVector } from "../dag/index.ts";
import type { Admission } from "./admission.ts";
import { closePage, type Logged } from "./close-page.ts";
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

/** `orders`: those that were asked for and are in the page. */
export interface ReadPage extends DeltaPage {
  readonly orders: readonly Order[];
}

export interface PageSource {
  readonly store: ReplicaPorts["store"];
  readonly crypto: Pick<Crypto, "verify">;
  readonly context: ContextId;
  readonly admission: Pick<Admission, "graph" | "rights" | "vouchers">;
  /** Orders below it are flushed. */
  readonly end: Order;
}

/** Of these orders, which ascend, those that are flushed: up to `bytesMax`, but at least one, and what proves them. */
export function readDeltas(source: PageSource, orders: Iterable<Order>, bytesMax: number): ReadPage {
  const { store, crypto, context, admission, end } = source;
  const log = tablePrefix(context, "d");
  const read = (order: Order) => (order < end ? readStored(store, orderKey(log, order)) : undefined);
  const page: Logged[] = [];
  let bytes = 0;
  let more = false;
  for (const order of orders) {
    if (order >= end) break;
    const delta = read(order);
    more = !delta || (page.length > 0 && bytes + delta.length > bytesMax);
    if (more || !delta) break;
    page.push({ order, bytes: delta });
    bytes += delta.length;
  }
  const { graph, rights, vouchers } = admission;
  const memberOf = (actorKey: string) => rights.memberOf(actorKey);
  const { deltas, isWhole } = closePage({ crypto, graph, vouchers, memberOf, read }, page);
  const held = isWhole ? page : page.slice(0, Math.min(1, deltas.length));
  return { deltas, more: more || !isWhole, orders: held.map(({ order }) => order) };
}

/** A row that is there; undefined while its page is being loaded, which whoever asked will ask for again. */
function readStored(store: ReplicaPorts["store"], key: Uint8Array): Uint8Array | undefined {
  try {
    return must(store.get(key), "a flushed delta is in the store").slice();
  } catch (thrown) {
    if (!(thrown instanceof Miss)) throw thrown;
    void store.load(thrown);
    return undefined;
  }
}
