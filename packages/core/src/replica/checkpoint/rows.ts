/**
 * The rows of a checkpoint in the store, beside those of the context (`../rows.ts`):
 *
 *   'b' cell key   a cell of the state of the checkpoint in effect, without tombstones
 *   'k'            which checkpoint that is, and the pages of its state: see `BaseRow`
 *
 * They are replaced in the commit in which the next checkpoint takes effect, and in no other.
 */
import { type DeltaId, ID_BYTES, Reader, Writer } from "../../base/index.ts";

export interface BaseRow {
  readonly checkpoint: DeltaId;
  readonly root: Uint8Array;
  /** The hashes of the state's pages, end to end. */
  readonly pages: Uint8Array;
}

const VERSION = 1;
const PAGES_BYTES_MAX = 8_000_000;

export function encodeBase(row: BaseRow): Uint8Array {
  const writer = new Writer(128 + row.pages.length);
  return writer.u8(VERSION).raw(row.checkpoint).raw(row.root).bytes(row.pages).toBytes();
}

/** The row, or undefined when it is damaged or of another version. */
export function decodeBase(bytes: Uint8Array): BaseRow | undefined {
  const reader = new Reader(bytes);
  if (reader.u8() !== VERSION) return undefined;
  const checkpoint = reader.raw(ID_BYTES).slice() as DeltaId;
  const root = reader.raw(ID_BYTES).slice();
  const pages = reader.bytes(PAGES_BYTES_MAX).slice();
  return reader.finish() && pages.length % ID_BYTES === 0 ? { checkpoint, root, pages } : undefined;
}
