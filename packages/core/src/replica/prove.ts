/**
 * Proving what comes: a batch at a time, so that one signature check per actor proves all that its last delta names.
 *
 * Goes from the greatest sequence to the least: an actor's last delta is checked, and what it names through `prev`, one
 * after the other, is proven by that. What nothing vouches for is checked by
 * itself. Refused is a delta of a known actor whose signature is bad and that nothing here vouches for: it is not
 * condemned, and is looked at afresh whenever it comes again. A delta of this node's own actor that it did not write
 * is never taken on another's word: it says that the store was copied.
 */
import { bytesEqual, type PublicKey } from "../base/index.ts";
import type { Crypto } from "../crypto/index.ts";
import {
  type Pending,
  type Proven,
  proveAny,
  proveNamed,
  proveSigned,
  type ReceivedDelta,
  type SignedDelta,
  signatureOf,
  type Unproven,
  type Waiting,
} from "../dag/index.ts";

export interface ProverPorts {
  readonly crypto: Pick<Crypto, "verify">;
  readonly pending: Pending;
  /** The member of an admitted actor. */
  readonly memberOf: (actorKey: string) => PublicKey | undefined;
  readonly isOwn: (actorKey: string) => boolean;
}

export class Prover {
  readonly #ports: ProverPorts;

  constructor(ports: ProverPorts) {
    this.#ports = ports;
  }

  /** Of each delta, in their order: proven, of an unknown actor, or undefined when its signature is bad. */
  prove(batch: readonly SignedDelta[]): (Waiting | undefined)[] {
    const results: (Waiting | undefined)[] = new Array(batch.length).fill(undefined);
    const indexByKey = new Map(batch.map(({ key }, index) => [key, index]));
    const firsts = new Map<string, PublicKey>();
    for (const { actorKey, member } of batch) if (member) firsts.set(actorKey, member);
    for (const at of lastFirst(batch)) {
      const delta = batch[at];
      if (!delta || results[at]?.proven) continue;
      const result = this.#proveOne(delta, firsts.get(delta.actorKey));
      results[at] = result;
      if (result?.proven) this.#proveNamedBy(result, batch, indexByKey, results);
    }
    for (const [actorKey, member] of firsts) this.#proveWaiting(actorKey, member);
    return results;
  }

  /** What has waited for its actor, by itself; undefined when its signature is bad. */
  proveReleased(unproven: Unproven): Proven | undefined {
    const member = this.#memberOf(unproven.delta);
    return member && proveAny(this.#ports.crypto, unproven, member);
  }

  /** Another copy of what waits here: if it is signed well and the one held is not known to be, it is the better one. */
  takeCopy(copy: SignedDelta): void {
    const { crypto, pending } = this.#ports;
    const held = pending.get(copy.key);
    if (!held?.proven) return pending.addCopy(copy);
    const member = this.#memberOf(copy);
    if (held.isSigned || !member || bytesEqual(signatureOf(held.delta), signatureOf(copy))) return;
    const better = proveSigned(crypto, copy, member);
    if (better) pending.prove(better);
  }

  /** What waits here and was proven by a delta that is gone: by something else, or by nothing. */
  proveAgain(held: Proven): Proven | undefined {
    const { crypto, pending } = this.#ports;
    const member = this.#memberOf(held.delta);
    const voucher = pending.voucherOf(held.delta);
    return (voucher && proveNamed(held.delta, voucher)) ?? (member && proveSigned(crypto, held.delta, member));
  }

  #proveOne(delta: SignedDelta, claimed: PublicKey | undefined): Waiting | undefined {
    const { pending } = this.#ports;
    const voucher = pending.voucherOf(delta);
    if (voucher) return this.#proveBy(voucher, delta);
    const member = claimed ?? this.#memberOf(delta);
    return member ? proveSigned(this.#ports.crypto, delta, member) : { proven: false, delta, otherSignatures: [] };
  }

  /** By one that names it, or by its own signature; a far voucher is brought near by checking its own. */
  #proveBy(voucher: Proven, delta: ReceivedDelta): Proven | undefined {
    const { crypto, isOwn } = this.#ports;
    const named = isOwn(delta.actorKey) ? undefined : proveNamed(delta, voucher);
    if (named) return named;
    const member = this.#memberOf(delta);
    if (!member) return undefined;
    const signed = proveSigned(crypto, delta, member);
    if (signed || voucher.isSigned || isOwn(delta.actorKey)) return signed;
    const near = proveSigned(crypto, voucher.delta, member);
    return near && proveNamed(delta, near);
  }

  #proveNamedBy(
    proven: Proven,
    batch: readonly SignedDelta[],
    indexByKey: ReadonlyMap<string, number>,
    results: (Waiting | undefined)[],
  ): void {
    const { pending } = this.#ports;
    let by = proven;
    for (let key = by.delta.prevKey; key !== undefined; key = by.delta.prevKey) {
      const index = indexByKey.get(key);
      const waits = index === undefined ? pending.get(key) : undefined;
      const named = index === undefined ? waits?.delta : batch[index];
      if (!named || waits?.proven || (index !== undefined && results[index]?.proven)) return;
      const next = this.#proveBy(by, named);
      if (!next) return;
      if (index === undefined) pending.prove(next);
      else results[index] = next;
      by = next;
    }
  }

  /** An actor's first delta has come, and with it the key that signs for it. */
  #proveWaiting(actorKey: string, member: PublicKey): void {
    const { crypto, pending } = this.#ports;
    for (const { delta } of pending.unprovenOf(actorKey)) {
      const waits = pending.get(delta.key);
      if (!waits || waits.proven) continue;
      const proven = proveAny(crypto, waits, member);
      if (!proven) pending.discard(delta.key);
      else {
        pending.prove(proven);
        this.#proveNamedBy(proven, [], new Map(), []);
      }
    }
  }

  #memberOf({ actorKey, member }: Pick<ReceivedDelta, "actorKey" | "member">): PublicKey | undefined {
    return member ?? this.#ports.memberOf(actorKey) ?? this.#ports.pending.memberOf(actorKey);
  }
}

function lastFirst(batch: readonly SignedDelta[]): number[] {
  const sequenceAt = (at: number): number => batch[at]?.sequence ?? 0;
  return [...batch.keys()].sort((a, b) => sequenceAt(b) - sequenceAt(a));
}
