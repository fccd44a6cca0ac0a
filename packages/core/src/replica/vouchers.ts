/**
 * What proves admitted deltas that nothing in the graph vouches for: a delta may be authentic because a later one of
 * its actor names it, and that one may be refused for its own faults, or dropped before its parents come. Others must
 * be able to follow, so the later one is kept here as evidence, and goes out together with what it proves.
 *
 * Owns: of every admitted delta whose own signature was not checked, there is a chain to a signature that was, through
 * the graph, through what is pending, or here.
 */
import { idKey, must } from "../base/index.ts";
import type { Graph, Order, Pending, Proven, Waiting } from "../dag/index.ts";
import type { Prover } from "./prove.ts";

export interface VouchersPorts {
  readonly graph: Graph;
  readonly pending: Pending;
  readonly prover: Prover;
}

export class Vouchers {
  readonly #ports: VouchersPorts;
  /** Signed bytes, from the one that names the admitted delta to one whose signature is good. */
  readonly #chainByOrder = new Map<Order, readonly Uint8Array[]>();
  readonly #dirty = new Set<Order>();

  constructor(ports: VouchersPorts) {
    this.#ports = ports;
  }

  /** Whether something changed since it was last written. */
  get isDirty(): boolean {
    return this.#dirty.size > 0;
  }

  /** Takes in a chain that was kept before. */
  restore(order: Order, chain: readonly Uint8Array[]): void {
    this.#chainByOrder.set(order, chain);
  }

  /**
   * A delta that was proven is refused or dropped: true when it is the proof of one that is admitted, and so has been of
   * use to whoever sent it.
   */
  lose(waiting: Waiting): boolean {
    const { graph, pending, prover } = this.#ports;
    if (!waiting.proven) return false;
    let chain = waiting.isSigned ? [] : this.#chainOfPending(waiting.delta);
    for (let lost: Proven = waiting; lost.delta.prevKey !== undefined; ) {
      chain = [lost.delta.bytes, ...chain];
      const key = lost.delta.prevKey;
      const order = graph.orderOf(key);
      if (order !== undefined) return this.#keep(order, lost, chain);
      const held = pending.get(key);
      if (!held?.proven || held.isSigned) return false;
      const proven = prover.proveAgain(held);
      if (proven) {
        pending.prove(proven);
        return false;
      }
      pending.discard(key);
      lost = held;
    }
    return false;
  }

  /** From one that names this admitted delta to a good signature; empty when nothing outside the graph does. */
  chainOf(order: Order): readonly Uint8Array[] {
    const { graph } = this.#ports;
    const named = { key: idKey(graph.idOf(order)), actorKey: idKey(graph.actorOf(order)) };
    return this.#chainByOrder.get(order) ?? this.#chainOfPending(named);
  }

  /** What changed since it was last asked for. */
  takeDirty(): { readonly order: Order; readonly chain: readonly Uint8Array[] }[] {
    const changes = [...this.#dirty].map((order) => ({ order, chain: must(this.#chainByOrder.get(order), "kept") }));
    this.#dirty.clear();
    return changes;
  }

  #chainOfPending(named: Pick<Proven["delta"], "key" | "actorKey">): Uint8Array[] {
    const { pending } = this.#ports;
    const chain: Uint8Array[] = [];
    for (let voucher = pending.voucherOf(named); voucher; voucher = pending.voucherOf(voucher.delta)) {
      chain.push(voucher.delta.bytes);
      if (voucher.isSigned) break;
    }
    return chain;
  }

  #keep(order: Order, lost: Proven, chain: readonly Uint8Array[]): boolean {
    const { graph } = this.#ports;
    if (graph.isSigned(order) || idKey(graph.actorOf(order)) !== lost.delta.actorKey) return false;
    if (!this.#chainByOrder.has(order)) {
      this.#chainByOrder.set(order, chain);
      this.#dirty.add(order);
    }
    return true;
  }
}
