/**
 * The rows of a checkpoint in the store, beside those of the context (`../rows.ts`):
 *
 *   'b' cell key   a cell of the state of the checkpoint in effect, without tombstones
 *   'k'            which checkpoint that is, and the pages of its state: see `BaseRow`
 *
 * They are replaced in the commit in which the next checkpoint takes effect, and in no other.
 */
import { type DeltaId, ID_BYTES, Reader, Writer } from "../../base/index.ts";
import { CELL_KEY_BYTES_MAX } from "../../crdt/index.ts";
import { STATE_PAGES_MAX } from "./limits.ts";

/** The pages of a state, in their order. */
export interface StatePages {
  /** Their hashes, end to end. */
  readonly hashes: Uint8Array;
  /** The key of the first cell of each. */
  readonly starts: readonly Uint8Array[];
}

export interface BaseRow extends StatePages {
  readonly checkpoint: DeltaId;
  readonly root: Uint8Array;
}

const VERSION = 2;

export function encodeBase({ checkpoint, root, hashes, starts }: BaseRow): Uint8Array {
  const writer = new Writer(128 + 2 * hashes.length).u8(VERSION).raw(checkpoint).raw(root).bytes(hashes);
  for (const start of starts) writer.bytes(start);
  return writer.toBytes();
}

/** The row, or undefined when it is damaged or of another version. */
export function decodeBase(bytes: Uint8Array): BaseRow | undefined {
  const reader = new Reader(bytes);
  if (reader.u8() !== VERSION) return undefined;
  const checkpoint = reader.raw(ID_BYTES).slice() as DeltaId;
  const root = reader.raw(ID_BYTES).slice();
  const hashes = reader.bytes(STATE_PAGES_MAX * ID_BYTES).slice();
  if (hashes.length % ID_BYTES !== 0) return undefined;
  const starts: Uint8Array[] = [];
  for (let at = 0; at < hashes.length && !reader.failed; at += ID_BYTES) {
    starts.push(reader.bytes(CELL_KEY_BYTES_MAX).slice());
  }
  return reader.finish() ? { checkpoint, root, hashes, starts } : undefined;
}
