/**
 * What a delta may say of checkpoints, as an entry among the statements of its payload (`access/statement.ts` has the
 * others, and takes these for none):
 *
 *   u8 64  checkpoint     predecessor 32 (zeros for none) | root 32 | count of heads (varint) | count x id 32, ascending
 *   u8 65  countersign    checkpoint 32
 *   u8 66  contradict     checkpoint 32 | root 32: what its author derived instead
 *
 * A checkpoint says that the state of the deltas at and below its heads, tombstones dropped, has this root. Refused:
 * everything else; a statement that does not decode says nothing, alike on every node.
 */
import { bytesEqual, compareBytes, type DeltaId, ID_BYTES, Reader, Writer } from "../../base/index.ts";
import { CHECKPOINT_HEADS_MAX } from "./limits.ts";

export type CheckpointStatement =
  | {
      readonly kind: "checkpoint";
      /** The checkpoint before it; undefined for the first. */
      readonly predecessor: DeltaId | undefined;
      readonly root: Uint8Array;
      /** Ascending. */
      readonly heads: readonly DeltaId[];
    }
  | { readonly kind: "countersign"; readonly checkpoint: DeltaId }
  | { readonly kind: "contradict"; readonly checkpoint: DeltaId; readonly root: Uint8Array };

const CHECKPOINT = 64;
const COUNTERSIGN = 65;
const CONTRADICT = 66;
const NONE = new Uint8Array(ID_BYTES);

export function encodeCheckpointStatement(statement: CheckpointStatement): Uint8Array {
  const writer = new Writer(128);
  switch (statement.kind) {
    case "checkpoint":
      writer
        .u8(CHECKPOINT)
        .raw(statement.predecessor ?? NONE)
        .raw(statement.root)
        .varint(statement.heads.length);
      for (const head of statement.heads) writer.raw(head);
      return writer.toBytes();
    case "countersign":
      return writer.u8(COUNTERSIGN).raw(statement.checkpoint).toBytes();
    case "contradict":
      return writer.u8(CONTRADICT).raw(statement.checkpoint).raw(statement.root).toBytes();
  }
}

export function decodeCheckpointStatement(bytes: Uint8Array): CheckpointStatement | undefined {
  const reader = new Reader(bytes);
  switch (reader.u8()) {
    case CHECKPOINT:
      return readCheckpoint(reader);
    case COUNTERSIGN: {
      const checkpoint = readId(reader);
      return reader.finish() ? { kind: "countersign", checkpoint } : undefined;
    }
    case CONTRADICT: {
      const checkpoint = readId(reader);
      const root = reader.raw(ID_BYTES).slice();
      return reader.finish() ? { kind: "contradict", checkpoint, root } : undefined;
    }
    default:
      return undefined;
  }
}

function readCheckpoint(reader: Reader): CheckpointStatement | undefined {
  const predecessor = readId(reader);
  const root = reader.raw(ID_BYTES).slice();
  const count = reader.count(CHECKPOINT_HEADS_MAX, ID_BYTES);
  const heads: DeltaId[] = [];
  for (let i = 0; i < count && !reader.failed; i++) {
    const head = readId(reader);
    const previous = heads.at(-1);
    if (previous !== undefined && compareBytes(previous, head) >= 0) return undefined;
    heads.push(head);
  }
  if (count === 0 || !reader.finish()) return undefined;
  return { kind: "checkpoint", predecessor: bytesEqual(predecessor, NONE) ? undefined : predecessor, root, heads };
}

/** Of a reader that has failed it is none: whoever reads to the end refuses it. */
function readId(reader: Reader): DeltaId {
  return reader.raw(ID_BYTES).slice() as DeltaId;
}
