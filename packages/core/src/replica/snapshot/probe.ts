/**
 * A log without payloads, gone through beside the own one: what follows from it, and nothing of it kept. Every delta
 * passes the whole gate, so who may write, which checkpoints are in effect and what they cover is found out and not
 * believed. A delta whose payload nobody has does no harm here; into the own log comes without its payload only what a
 * checkpoint in effect covers, and so a majority had.
 */
import { bytesEqual, type ContextId, type DeltaId, idKey, must } from "../../base/index.ts";
import type { Crypto } from "../../crypto/index.ts";
import { hasPrunedForm, pruneDelta, type VersionVector } from "../../dag/index.ts";
import { Admission } from "../admission.ts";
import type { Checkpoint } from "../checkpoint/checkpoints.ts";
import { coveredSince, coverOf } from "../checkpoint/cover.ts";
import { SNAPSHOT_LOG_BYTES_MAX } from "./limits.ts";

/** What a page of a log was worth. */
export type Taken =
  /** So many deltas of it are new. */
  | { readonly kind: "taken"; readonly count: number }
  /** A delta is refused: whoever sent it is charged. */
  | { readonly kind: "refused"; readonly code: string; readonly message: string }
  /** The log is larger than one is gone through. */
  | { readonly kind: "full" };

export class Probe {
  readonly #admission: Admission;
  /** In the order of admission. */
  readonly #log: { readonly key: string; readonly bytes: Uint8Array }[] = [];
  readonly #crypto: Crypto;
  #bytes = 0;

  constructor(crypto: Crypto, context: ContextId) {
    this.#crypto = crypto;
    this.#admission = new Admission(crypto, context, () => {});
    this.#admission.intake = { takes: () => true, onCopy: () => {} };
  }

  get vector(): VersionVector {
    return this.#admission.graph.vector();
  }

  take(batch: readonly Uint8Array[], wallMs: number): Taken {
    const pruned = batch.map((bytes) => (hasPrunedForm(bytes) ? bytes : (pruneDelta(this.#crypto, bytes) ?? bytes)));
    const { verdicts, admitted } = this.#admission.admitMany(pruned, wallMs);
    for (const { delta } of admitted) {
      this.#log.push({ key: delta.key, bytes: delta.bytes });
      this.#bytes += delta.bytes.length;
    }
    for (const verdict of verdicts) {
      if (verdict.kind === "refused" && !verdict.isProof) return { kind: "refused", ...verdict.error };
    }
    return this.#bytes > SNAPSHOT_LOG_BYTES_MAX ? { kind: "full" } : { kind: "taken", count: admitted.length };
  }

  /** The checkpoint, when it is in effect. */
  find(checkpoint: DeltaId): Checkpoint | undefined {
    return this.#admission.checkpoints.chain.find(({ id }) => bytesEqual(id, checkpoint));
  }

  /** What a checkpoint in effect covers, as it came, in an order in which it is admitted. */
  below({ heads }: Checkpoint): readonly { readonly key: string; readonly bytes: Uint8Array }[] {
    const { graph } = this.#admission;
    const orders = heads.map((head) => must(graph.orderOf(idKey(head)), "in effect, so admitted"));
    return coveredSince(coverOf(graph, orders), undefined).map((order) => must(this.#log[order], "an admitted delta"));
  }
}
