/** Reading flushed deltas for a peer, in the order in which they were admitted, as far as a limit of bytes goes. */
import { type ContextId, Miss, must } from "../base/index.ts";
import type { Crypto } from "../crypto/index.ts";
import { hasPrunedForm, type Order, pruneDelta, type VersionVector } from "../dag/index.ts";
import type { Admission } from "./admission.ts";
import { type ClosingPorts, closePage, type Logged, proofOf } from "./close-page.ts";
import type { ReplicaPorts } from "./ports.ts";
import { orderKey, tablePrefix } from "./rows.ts";

/** How deltas are wanted: whole, or in their pruned form where they have one. */
export type DeltaForm = "whole" | "pruned";

/** Deltas as on the wire; `more` when a limit cut them short. */
export interface DeltaPage {
  readonly deltas: readonly Uint8Array[];
  readonly more: boolean;
  /** It ends before a delta that is wanted whole, and whose payload is not here. */
  readonly isPruned: boolean;
}

/** A page of what lies beyond a version vector; `upTo` is the vector of who has it. */
export interface MissingPage extends DeltaPage {
  readonly upTo: VersionVector;
}

/** With the places of those that were asked for: what else is in it proves them. */
export interface OrderedPage extends DeltaPage {
  readonly orders: readonly Order[];
}

export interface PageSource {
  readonly store: ReplicaPorts["store"];
  readonly crypto: Pick<Crypto, "sha256" | "verify">;
  readonly context: ContextId;
  readonly admission: Pick<Admission, "graph" | "rights" | "vouchers">;
  /** Orders below it are flushed. */
  readonly end: Order;
  readonly form: DeltaForm;
}

/** Of these orders, which ascend, those that are flushed: up to `bytesMax`, but at least one, and what proves them. */
export function readDeltas(source: PageSource, orders: Iterable<Order>, bytesMax: number): OrderedPage {
  const ports = closingPorts(source);
  const page: Logged[] = [];
  let bytes = 0;
  let more = false;
  let isPruned = false;
  for (const order of orders) {
    if (order >= source.end) break;
    isPruned = source.form === "whole" && source.admission.graph.isPruned(order);
    if (isPruned) break;
    const delta = ports.read(order);
    more = !delta || (page.length > 0 && bytes + delta.length > bytesMax);
    if (more || !delta) break;
    page.push({ order, bytes: delta });
    bytes += delta.length;
  }
  const { deltas, isWhole } = closePage(ports, page);
  const taken = isWhole ? page : page.slice(0, Math.min(1, deltas.length));
  // Nor is a proof of any use that is taken in another form only.
  if (source.form === "whole" && deltas.some(hasPrunedForm)) {
    return { deltas: [], more: false, isPruned: true, orders: [] };
  }
  return { deltas, more: more || !isWhole, isPruned, orders: taken.map(({ order }) => order) };
}

/** What a peer with `vector` lacks, oldest first. */
export function readMissing(source: PageSource, vector: VersionVector, bytesMax: number): MissingPage {
  const { graph } = source.admission;
  const { deltas, more, isPruned, orders } = readDeltas(source, graph.missingFrom(vector), bytesMax);
  const upTo = new Map(vector);
  for (const order of orders) {
    const actorKey = graph.actorKeyOf(order);
    upTo.set(actorKey, Math.max(upTo.get(actorKey) ?? 0, graph.sequenceOf(order)));
  }
  return { deltas, more, isPruned, upTo };
}

/** A delta with what vouches for it, where its own signature does not; undefined while a part is not loaded. */
export function readProven(source: PageSource, order: Order): readonly Uint8Array[] | undefined {
  const ports = closingPorts(source);
  const bytes = ports.read(order);
  const proof = bytes && proofOf(ports, { order, bytes });
  return proof && [bytes, ...proof];
}

function closingPorts({ store, crypto, context, admission, end, form }: PageSource): ClosingPorts {
  const { graph, rights, vouchers } = admission;
  const log = tablePrefix(context, "d");
  const formed = (bytes: Uint8Array | undefined): Uint8Array | undefined => {
    return (form === "pruned" && bytes && pruneDelta(crypto, bytes)) || bytes;
  };
  return {
    crypto,
    graph,
    vouchers,
    memberOf: (actorKey) => rights.memberOf(actorKey),
    read: (order) => (order < end ? formed(readStored(store, orderKey(log, order))) : undefined),
  };
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
