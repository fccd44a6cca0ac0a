/** Actors of a context that equivocated, as told to the operator, and the proof of it for anybody. */
import {
  type ActorId,
  compareBytes,
  type DeltaId,
  err,
  idKey,
  must,
  ok,
  type PublicKey,
  type Result,
} from "../base/index.ts";
import { decodeBody, decodePruned, encodeEquivocation, type Order, SIGNATURE_BYTES } from "../dag/index.ts";
import { type PageSource, readProven } from "./delta-page.ts";

export type EquivocationProofErrorCode =
  /** No two deltas here prove that, or they are not flushed or loaded yet: ask again. */
  "EQUIVOCATION_NOT_AT_HAND";

/** Two deltas of one actor that follow the same one. */
export interface EquivocationFound {
  readonly member: PublicKey;
  readonly actor: ActorId;
  readonly deltas: readonly [DeltaId, DeltaId];
}

/** Those that were found, in the order in which they were admitted, from the `first` on. */
export function equivocationsOf(admission: PageSource["admission"], first: number = 0): EquivocationFound[] {
  const { graph, rights } = admission;
  return graph.equivocations.slice(first).map(([a, b]) => {
    const actor = graph.actorOf(a);
    const member = must(rights.memberOf(idKey(actor)), "an admitted actor has a member");
    return { member, actor, deltas: [graph.idOf(a), graph.idOf(b)] };
  });
}

/** The portable proof of the one at `index`. */
export function proveEquivocation(source: PageSource, index: number): Result<Uint8Array> {
  const { graph, rights } = source.admission;
  const absent = () => err<EquivocationProofErrorCode>("EQUIVOCATION_NOT_AT_HAND", "no proof of this is at hand");
  const pair = graph.equivocations[index];
  if (!pair) return absent();
  const [a, b] = [...pair].sort((x, y) => compareBytes(graph.idOf(x), graph.idOf(y))) as [Order, Order];
  const [sideA, sideB] = [readProven(source, a), readProven(source, b)];
  const replica = replicaOf(source, a);
  if (!sideA || !sideB || !replica) return absent();
  const member = must(rights.memberOf(idKey(graph.actorOf(a))), "an admitted actor has a member");
  return ok(encodeEquivocation({ context: source.context, member, replica, sides: [sideA, sideB] }));
}

/** The replica id that an actor was drawn with: its first delta says it. */
function replicaOf(source: PageSource, order: Order): Uint8Array | undefined {
  const { graph } = source.admission;
  let first = order;
  for (let prev = graph.prevOf(first); prev !== undefined; prev = graph.prevOf(first)) first = prev;
  const bytes = readProven(source, first)?.[0];
  const unsigned = bytes?.subarray(0, bytes.length - SIGNATURE_BYTES);
  const body = unsigned && (decodeBody(unsigned) ?? decodePruned(unsigned));
  return body?.author.first ? body.author.replica : undefined;
}
