/**
 * Snapshots that no honest node serves: lists and pages of a state that is nobody's, under the id of a true checkpoint or
 * of one that the traitor alone has signed; logs with holes; halves of pages, and pages without an end.
 */

import { bytesEqual, compareBytes, concatBytes, type DeltaId, ID_BYTES, idKey, type Prng } from "@dunlin/core/base";
import { decodeStatePage, encodeStatePage, statePageHash, stateRoot } from "@dunlin/core/crdt";
import { pruneDelta } from "@dunlin/core/dag";
import type { Replica } from "@dunlin/core/replica";
import { encodeCheckpointStatement } from "@dunlin/core/replica";
import type { Counts } from "@dunlin/core/simulation";
import type { Frame } from "@dunlin/core/sync";
import { memoCrypto } from "../memo-crypto.ts";
import { garbled } from "./lies.ts";

type Said = Extract<Frame, { readonly kind: "snapshot" }>["said"];

/** A state that is nobody's, page for page as its list says. */
interface FalseState {
  readonly checkpoint: DeltaId;
  readonly hashes: Uint8Array;
  readonly pages: ReadonlyMap<string, Uint8Array>;
}

const TOTAL_MAX = 2 ** 40;

export class FalseSnapshots {
  readonly #counts: Counts;
  #state: FalseState | undefined;

  constructor(counts: Counts) {
    this.#counts = counts;
  }

  /**
   * Makes a false state of the true one that its node serves: a page of it lacks some cells. `signed` gives the id of the
   * checkpoint that has this root, when it is not to go by the true one's.
   */
  async make(replica: Replica, prng: Prng, signed?: (root: Uint8Array) => DeltaId | undefined): Promise<void> {
    const served = replica.checkpoints.served;
    const count = (served?.base.hashes.length ?? 0) / ID_BYTES;
    if (!served || count === 0) return;
    const { checkpoint, hashes } = served.base;
    const at = prng.below(count) * ID_BYTES;
    const page = await served.load(hashes.subarray(at, at + ID_BYTES));
    const rows = page && decodeStatePage(page);
    if (!rows) return;
    const kept = rows.filter(() => prng.chance(0.7)).slice(0, Math.max(1, rows.length - 1));
    if (kept.length === 0 || kept.length === rows.length) return;
    const poisoned = encodeStatePage(kept.map(([key, value]) => [key, value]));
    const hash = statePageHash(poisoned);
    const list = concatBytes(hashes.subarray(0, at), hash, hashes.subarray(at + ID_BYTES));
    const id = signed ? signed(stateRoot(list)) : checkpoint;
    if (!id) return;
    this.#state = { checkpoint: id.slice() as DeltaId, hashes: list, pages: new Map([[idKey(hash), poisoned]]) };
    this.#counts.add(signed ? "false.checkpoint" : "false.state");
  }

  /** What is said of a snapshot in place of what its node says. */
  tell(prng: Prng, said: Said, replica: Replica | undefined, isFalse: boolean): Said {
    // Who has a whole false state to give tells the truth of all else, to be believed.
    const told = this.#state ? this.#ofState(said, replica, isFalse) : isFalse ? falsified(prng, said) : said;
    if (told !== said) this.#counts.add(`false.${told.kind}`);
    return told;
  }

  /** Of the false state: the list sometimes, and each of its pages that was asked for by it. */
  #ofState(said: Said, replica: Replica | undefined, isFalse: boolean): Said {
    const state = this.#state;
    if (!state) return said;
    if (said.kind === "list" && isFalse && said.from < state.hashes.length / ID_BYTES) {
      const { checkpoint, hashes } = state;
      const total = hashes.length / ID_BYTES;
      return { kind: "list", checkpoint, total, from: said.from, hashes: hashes.subarray(said.from * ID_BYTES) };
    }
    const page = said.kind === "part" && said.total === 0 ? state.pages.get(idKey(said.hash)) : undefined;
    const sealed = said.kind === "part" && page && replica?.checkpoints.joining.seal(said.hash, page);
    return sealed ? { ...said, total: sealed.length, offset: 0, bytes: sealed } : said;
  }
}

function falsified(prng: Prng, said: Said): Said {
  switch (said.kind) {
    case "list": {
      const { hashes, total } = said;
      if (total === 0) return said;
      return prng.pick<Said>([
        { ...said, hashes: garbled(prng, hashes) },
        { ...said, hashes: concatBytes(hashes, prng.bytes(ID_BYTES)), total: total + 1 },
        { ...said, hashes: hashes.subarray(ID_BYTES), total: total - 1 },
        { ...said, checkpoint: prng.bytes(ID_BYTES) as DeltaId },
        { ...said, total: TOTAL_MAX },
        { ...said, hashes: new Uint8Array(0) },
      ]);
    }
    case "part": {
      const { bytes, total } = said;
      if (total === 0) return said;
      const half = bytes.subarray(0, Math.max(1, bytes.length >> 1));
      return prng.pick<Said>([
        { ...said, bytes: garbled(prng, bytes) },
        // As all of it, and as the beginning of something without an end.
        { ...said, bytes: half, total: half.length },
        { ...said, bytes: bytes.subarray(0, 1), total: Math.min(total * 1_000, TOTAL_MAX) },
        { ...said, total: TOTAL_MAX },
        { ...said, bytes: bytes.subarray(0, 0) },
        { ...said, total: 0, bytes: bytes.subarray(0, 0) },
      ]);
    }
    case "entries": {
      const { deltas } = said;
      return prng.pick<Said>([
        { ...said, deltas: deltas.filter(() => prng.chance(0.7)) },
        { ...said, more: true, deltas: [] },
        { ...said, more: false, deltas: deltas.slice(0, deltas.length >> 1) },
        { ...said, deltas: deltas.map((delta) => (prng.chance(0.1) ? garbled(prng, delta) : delta)) },
        { ...said, more: true, deltas: [...deltas].reverse() },
      ]);
    }
    default:
      return said;
  }
}

/** The statement of a checkpoint with this root, over what its author holds. */
export function falseCheckpoint(replica: Replica, root: Uint8Array): Uint8Array {
  const predecessor = replica.checkpoints.chain.at(-1)?.id;
  const heads = replica.flushed.heads.map((head) => head.slice() as DeltaId).sort(compareBytes);
  return encodeCheckpointStatement({ kind: "checkpoint", predecessor, root, heads });
}

/** The same deltas without their payloads, those that have such a form. */
export function stripped(deltas: readonly Uint8Array[]): Uint8Array[] {
  return deltas.flatMap((delta) => {
    const pruned = pruneDelta(memoCrypto, delta);
    return pruned && !bytesEqual(pruned, delta) ? pruned : [];
  });
}
