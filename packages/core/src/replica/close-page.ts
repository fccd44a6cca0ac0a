/**
 * Closing a page of deltas under vouching: whoever gets it can prove all of it with what it brings.
 *
 * Of each actor the last delta in the page has a signature that was checked and is good, or is followed by those that
 * vouch for it. So a delta whose own signature is bad goes out only together with its proof, a receiver needs one
 * check per actor, and an honest peer is never charged for what it hands on.
 */
import { idKey, type PublicKey } from "../base/index.ts";
import type { Crypto } from "../crypto/index.ts";
import { DELTA_BYTES_MAX, type Graph, type Order, SIGNATURE_BYTES } from "../dag/index.ts";
import type { Vouchers } from "./vouchers.ts";

/** A delta of the log. */
export interface Logged {
  readonly order: Order;
  readonly bytes: Uint8Array;
}

export interface ClosingPorts {
  readonly crypto: Pick<Crypto, "verify">;
  readonly graph: Graph;
  readonly vouchers: Vouchers;
  readonly memberOf: (actorKey: string) => PublicKey | undefined;
  /** A flushed delta; undefined while it is not, or is being loaded. */
  readonly read: (order: Order) => Uint8Array | undefined;
}

/** The deltas and what proves them; `isWhole` is false when there was no room for some, or their proof is not at hand. */
export interface ClosedPage {
  readonly deltas: readonly Uint8Array[];
  readonly isWhole: boolean;
}

export function closePage(ports: ClosingPorts, page: readonly Logged[]): ClosedPage {
  const lastByActor = new Map<string, Logged>();
  for (const logged of page) lastByActor.set(idKey(ports.graph.actorOf(logged.order)), logged);
  const proofs: Uint8Array[] = [];
  let bytes = page.reduce((sum, logged) => sum + logged.bytes.length, 0);
  for (const last of lastByActor.values()) {
    const proof = proofOf(ports, last);
    for (const delta of proof ?? []) bytes += delta.length;
    if (!proof || bytes > DELTA_BYTES_MAX) return closeFirst(ports, page);
    proofs.push(...proof);
  }
  return { deltas: [...page.map((logged) => logged.bytes), ...proofs], isWhole: true };
}

/** The first delta alone, which always fits with its proof. */
function closeFirst(ports: ClosingPorts, page: readonly Logged[]): ClosedPage {
  const [first] = page;
  const proof = first && proofOf(ports, first);
  return { deltas: first && proof ? [first.bytes, ...proof] : [], isWhole: false };
}

/** What must follow the delta: nothing when its own signature is good; undefined when its proof is not at hand now. */
export function proofOf(ports: ClosingPorts, logged: Logged): readonly Uint8Array[] | undefined {
  const proof: Uint8Array[] = [];
  for (let { order, bytes } = logged; !isSigned(ports, order, bytes); ) {
    const kept = ports.vouchers.chainOf(order);
    if (kept.length > 0) return [...proof, ...kept];
    const next = ports.graph.nextOf(order);
    const nextBytes = next === undefined ? undefined : ports.read(next);
    if (next === undefined || !nextBytes) return undefined;
    proof.push(nextBytes);
    [order, bytes] = [next, nextBytes];
  }
  return proof;
}

function isSigned({ crypto, graph, memberOf }: ClosingPorts, order: Order, bytes: Uint8Array): boolean {
  if (graph.isSigned(order)) return true;
  const member = memberOf(idKey(graph.actorOf(order)));
  const signature = bytes.subarray(bytes.length - SIGNATURE_BYTES);
  if (!member || !crypto.verify(member, graph.idOf(order), signature)) return false;
  graph.markSigned(order);
  return true;
}
