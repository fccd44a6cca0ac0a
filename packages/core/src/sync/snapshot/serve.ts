/** Answers for the pages of the state that this replica's checkpoint has. What it does not have it says. */
import { type DeltaId, EMPTY_BYTES, ID_BYTES, idKey } from "../../base/index.ts";
import type { VersionVector } from "../../dag/index.ts";
import type { Replica } from "../../replica/index.ts";
import { DELTAS_PAGE_BYTES_SOFT, SNAPSHOT_HASHES_PER_FRAME_MAX, SNAPSHOT_PART_BYTES_MAX } from "../limits.ts";
import type { SnapshotSaid } from "./snapshot-frames.ts";

const NO_CHECKPOINT = new Uint8Array(ID_BYTES) as DeltaId;

export class SnapshotServer {
  readonly #replica: Pick<Replica, "checkpoints" | "missingFrom">;
  /** The page that was read last: one that is large is asked for in parts. */
  #last: { readonly key: string; readonly page: Uint8Array } | undefined;

  constructor(replica: Pick<Replica, "checkpoints" | "missingFrom">) {
    this.#replica = replica;
  }

  list(from: number): SnapshotSaid {
    const base = this.#replica.checkpoints.served?.base;
    if (!base) return { kind: "list", checkpoint: NO_CHECKPOINT, total: 0, from: 0, hashes: EMPTY_BYTES };
    const { checkpoint, hashes } = base;
    const total = hashes.length / ID_BYTES;
    const first = Math.min(from, total);
    const end = Math.min(total, first + SNAPSHOT_HASHES_PER_FRAME_MAX);
    return { kind: "list", checkpoint, total, from: first, hashes: hashes.subarray(first * ID_BYTES, end * ID_BYTES) };
  }

  /** A page of what lies beyond a vector, without payloads. */
  log(vector: VersionVector): SnapshotSaid {
    const { deltas, more } = this.#replica.missingFrom(vector, DELTAS_PAGE_BYTES_SOFT, "pruned");
    return { kind: "entries", more, deltas };
  }

  part(asked: Uint8Array, offset: number): Promise<SnapshotSaid> {
    const hash = asked.slice();
    const key = idKey(hash);
    if (this.#last?.key === key) return Promise.resolve(this.#partOf(hash, this.#last.page, offset));
    const reading = this.#replica.checkpoints.served?.load(hash) ?? Promise.resolve(undefined);
    return reading.then((read) => {
      const page = read && this.#replica.checkpoints.joining.seal(hash, read);
      this.#last = page && page.length > SNAPSHOT_PART_BYTES_MAX ? { key, page } : undefined;
      return this.#partOf(hash, page, offset);
    });
  }

  #partOf(hash: Uint8Array, page: Uint8Array | undefined, offset: number): SnapshotSaid {
    if (!page || offset >= page.length) return { kind: "part", hash, total: 0, offset: 0, bytes: EMPTY_BYTES };
    const bytes = page.subarray(offset, offset + SNAPSHOT_PART_BYTES_MAX);
    return { kind: "part", hash, total: page.length, offset, bytes };
  }
}
