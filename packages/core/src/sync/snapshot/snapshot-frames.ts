/**
 * What two members say to each other about the state that a checkpoint of a context has, and about its pages. Canonical;
 * anything else is malformed.
 *
 *   1 ask     varint from                                       which pages has your state, from this one on?
 *   2 list    checkpoint 32 ‖ varint total ‖ varint from ‖ varint n ‖ n hashes of 32     no total: it has none
 *   3 want    hash 32 ‖ varint offset                           the page of this hash, from here on
 *   4 part    hash 32 ‖ varint total ‖ varint offset ‖ bytes    of the sealed page; no total: it has none of that hash
 *   5 pruned                                                    what was asked for is not to be had with its payload
 *   6 log     vector                                            what lies beyond it, each delta in its pruned form?
 *   7 entries u8 1 more is there | u8 0 ‖ varint n ‖ n times bytes delta
 */
import { type DeltaId, ID_BYTES, Reader, Writer } from "../../base/index.ts";
import { DELTA_BYTES_MAX, type VersionVector } from "../../dag/index.ts";
import { readFlag, readMany, readVector, writeVector } from "../frame-parts.ts";
import { DELTAS_PER_FRAME_MAX, SNAPSHOT_HASHES_PER_FRAME_MAX, SNAPSHOT_PART_BYTES_MAX } from "../limits.ts";

export type SnapshotSaid =
  | { readonly kind: "ask"; readonly from: number }
  | ListSaid
  | { readonly kind: "want"; readonly hash: Uint8Array; readonly offset: number }
  | PartSaid
  | { readonly kind: "pruned" }
  | { readonly kind: "log"; readonly vector: VersionVector }
  | EntriesSaid;

export interface EntriesSaid {
  readonly kind: "entries";
  readonly more: boolean;
  readonly deltas: readonly Uint8Array[];
}

export interface ListSaid {
  readonly kind: "list";
  readonly checkpoint: DeltaId;
  readonly total: number;
  readonly from: number;
  /** End to end. */
  readonly hashes: Uint8Array;
}

export interface PartSaid {
  readonly kind: "part";
  readonly hash: Uint8Array;
  readonly total: number;
  readonly offset: number;
  readonly bytes: Uint8Array;
}

export function encodeSnapshotSaid(said: SnapshotSaid): Uint8Array {
  const writer = new Writer(64);
  switch (said.kind) {
    case "ask":
      return writer.u8(1).varint(said.from).toBytes();
    case "list":
      writer.u8(2).raw(said.checkpoint).varint(said.total).varint(said.from);
      return writer
        .varint(said.hashes.length / ID_BYTES)
        .raw(said.hashes)
        .toBytes();
    case "want":
      return writer.u8(3).raw(said.hash).varint(said.offset).toBytes();
    case "part":
      return writer.u8(4).raw(said.hash).varint(said.total).varint(said.offset).bytes(said.bytes).toBytes();
    case "pruned":
      return writer.u8(5).toBytes();
    case "log":
      return writeVector(writer.u8(6), said.vector).toBytes();
    case "entries":
      writer
        .u8(7)
        .u8(said.more ? 1 : 0)
        .varint(said.deltas.length);
      for (const delta of said.deltas) writer.bytes(delta);
      return writer.toBytes();
  }
}

/** What was said, or undefined when the bytes are not the canonical encoding of it. Views into `bytes`. */
export function decodeSnapshotSaid(bytes: Uint8Array): SnapshotSaid | undefined {
  const reader = new Reader(bytes);
  const said = readSaid(reader);
  return reader.finish() ? said : undefined;
}

function readSaid(reader: Reader): SnapshotSaid | undefined {
  switch (reader.u8()) {
    case 1:
      return { kind: "ask", from: reader.varint() };
    case 2: {
      const checkpoint = reader.raw(ID_BYTES) as DeltaId;
      const [total, from] = [reader.varint(), reader.varint()];
      const count = reader.count(SNAPSHOT_HASHES_PER_FRAME_MAX, ID_BYTES);
      return { kind: "list", checkpoint, total, from, hashes: reader.raw(count * ID_BYTES) };
    }
    case 3:
      return { kind: "want", hash: reader.raw(ID_BYTES), offset: reader.varint() };
    case 4: {
      const hash = reader.raw(ID_BYTES);
      const [total, offset] = [reader.varint(), reader.varint()];
      return { kind: "part", hash, total, offset, bytes: reader.bytes(SNAPSHOT_PART_BYTES_MAX) };
    }
    case 5:
      return { kind: "pruned" };
    case 6:
      return { kind: "log", vector: readVector(reader) };
    case 7: {
      const more = readFlag(reader, 1) === 1;
      const deltas = readMany(reader, DELTAS_PER_FRAME_MAX, 1, () => reader.bytes(DELTA_BYTES_MAX));
      return { kind: "entries", more, deltas };
    }
    default:
      return undefined;
  }
}
