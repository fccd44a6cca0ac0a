import { describe, expect, it } from "vitest";
import { fuzzDecoder } from "../../../../tools/fuzz.ts";
import { type BlobId, type ChunkId, Writer } from "../base/index.ts";
import { type BlobFrame, decodeBlobFrame, encodeBlobFrame } from "./blob-frames.ts";
import { BLOB_CHUNKS_MAX, BLOB_PIECE_BYTES } from "./limits.ts";

const blob = new Uint8Array(32).fill(5) as BlobId;
const chunk = new Uint8Array(32).fill(6) as ChunkId;
const frames: BlobFrame[] = [
  { kind: "ask", blob },
  { kind: "manifest", manifest: { size: 3, hash: new Uint8Array(32), chunks: [chunk] } },
  { kind: "fetch", blob, chunk: 300 },
  { kind: "piece", blob, chunk: 1, piece: 3, bytes: Uint8Array.of(1, 2, 3) },
  { kind: "none", blob, chunk: undefined },
  { kind: "none", blob, chunk: 0 },
];
const head = (kind: number) => new Writer().u8(kind).raw(blob);

describe("a frame about a blob", () => {
  it("comes back as it was written", () => {
    for (const frame of frames) expect(decodeBlobFrame(encodeBlobFrame(frame))).toEqual(frame);
  });

  it.each([
    ["of an unknown kind", head(6).toBytes()],
    ["about a chunk that no blob has", head(3).varint(BLOB_CHUNKS_MAX).toBytes()],
    ["with a piece beyond its chunk", head(4).varint(0).varint(4).bytes(Uint8Array.of(1)).toBytes()],
    [
      "with a piece that is too large",
      head(4)
        .varint(0)
        .varint(0)
        .bytes(new Uint8Array(BLOB_PIECE_BYTES + 1))
        .toBytes(),
    ],
    ["with more than it says", head(1).u8(0).toBytes()],
    ["with less than it says", encodeBlobFrame({ kind: "ask", blob }).subarray(0, 20)],
  ])("is refused %s", (_name, bytes) => {
    expect(decodeBlobFrame(bytes)).toBeUndefined();
  });

  it("has one encoding, whatever comes", () => {
    const report = fuzzDecoder({
      name: "blob frame",
      seed: 32,
      corpus: frames.map(encodeBlobFrame),
      decode: decodeBlobFrame,
      encode: encodeBlobFrame,
    });
    expect(report.accepted).toBeGreaterThan(0);
  });
});
