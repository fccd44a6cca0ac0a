/**
 * What two members say to each other about a blob, within a context that both have. Canonical; anything else is
 * malformed.
 *
 *   1 ask       blob 32                                         what is it made of?
 *   2 manifest  bytes manifest
 *   3 fetch     blob 32 ‖ varint chunk                          its pieces follow, in order
 *   4 piece     blob 32 ‖ varint chunk ‖ varint piece ‖ bytes
 *   5 none      blob 32 ‖ varint chunk + 1, or 0 for the blob   not here, or not of this context: no difference is told
 */
import { type BlobId, blobId, ID_BYTES, Reader, Writer } from "../base/index.ts";
import { BLOB_CHUNK_BYTES, BLOB_CHUNKS_MAX, BLOB_PIECE_BYTES } from "./limits.ts";
import { decodeManifest, encodeManifest, type Manifest } from "./manifest.ts";

const PIECES_PER_CHUNK_MAX = BLOB_CHUNK_BYTES / BLOB_PIECE_BYTES;
const MANIFEST_BYTES_MAX = 64 + BLOB_CHUNKS_MAX * ID_BYTES;

export type BlobFrame =
  | { readonly kind: "ask"; readonly blob: BlobId }
  | { readonly kind: "manifest"; readonly manifest: Manifest }
  | { readonly kind: "fetch"; readonly blob: BlobId; readonly chunk: number }
  | PieceFrame
  | { readonly kind: "none"; readonly blob: BlobId; readonly chunk: number | undefined };

export interface PieceFrame {
  readonly kind: "piece";
  readonly blob: BlobId;
  readonly chunk: number;
  readonly piece: number;
  readonly bytes: Uint8Array;
}

export function encodeBlobFrame(frame: BlobFrame): Uint8Array {
  const writer = new Writer(64);
  switch (frame.kind) {
    case "ask":
      return writer.u8(1).raw(frame.blob).toBytes();
    case "manifest":
      return writer.u8(2).bytes(encodeManifest(frame.manifest)).toBytes();
    case "fetch":
      return writer.u8(3).raw(frame.blob).varint(frame.chunk).toBytes();
    case "piece":
      writer.u8(4).raw(frame.blob).varint(frame.chunk).varint(frame.piece);
      return writer.bytes(frame.bytes).toBytes();
    case "none":
      writer.u8(5).raw(frame.blob);
      return writer.varint(frame.chunk === undefined ? 0 : frame.chunk + 1).toBytes();
  }
}

/** The frame, or undefined when the bytes are not one. Views into `bytes`, but for a manifest. */
export function decodeBlobFrame(bytes: Uint8Array): BlobFrame | undefined {
  const reader = new Reader(bytes);
  const frame = readFrame(reader);
  return reader.finish() ? frame : undefined;
}

function readFrame(reader: Reader): BlobFrame | undefined {
  const kind = reader.u8();
  if (kind === 2) {
    const manifest = decodeManifest(reader.bytes(MANIFEST_BYTES_MAX));
    return manifest && { kind: "manifest", manifest };
  }
  if (kind < 1 || kind > 5) return undefined;
  const id = reader.raw(ID_BYTES);
  if (reader.failed) return undefined;
  const blob = blobId(id);
  if (kind === 1) return { kind: "ask", blob };
  if (kind === 5) return { kind: "none", blob, chunk: readNone(reader) };
  const chunk = readBelow(reader, BLOB_CHUNKS_MAX);
  if (kind === 3) return { kind: "fetch", blob, chunk };
  const piece = readBelow(reader, PIECES_PER_CHUNK_MAX);
  return { kind: "piece", blob, chunk, piece, bytes: reader.bytes(BLOB_PIECE_BYTES) };
}

function readNone(reader: Reader): number | undefined {
  const next = readBelow(reader, BLOB_CHUNKS_MAX + 1);
  return next === 0 ? undefined : next - 1;
}

function readBelow(reader: Reader, limit: number): number {
  const value = reader.varint();
  if (value >= limit) reader.fail();
  return value;
}
