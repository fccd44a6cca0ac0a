import { describe, expect, it } from "vitest";
import { fuzzDecoder } from "../../../../tools/fuzz.ts";
import { type ChunkId, chunkId, concatBytes, idToText, utf8, Writer } from "../base/index.ts";
import { createCrypto } from "../crypto/index.ts";
import { BLOB_CHUNK_BYTES } from "./limits.ts";
import {
  BLOB_BYTES_MAX,
  blobIdOf,
  chunkBytes,
  decodeManifest,
  encodeManifest,
  type Manifest,
  manifestId,
} from "./manifest.ts";
import { Splitter } from "./splitter.ts";

const crypto = createCrypto();

function split(...parts: readonly Uint8Array[]): { readonly chunks: Uint8Array[]; readonly manifest: Manifest } {
  const splitter = new Splitter(crypto.createSha256());
  const full = parts.flatMap((part) => [...splitter.push(part)]);
  const { last, size, hash } = splitter.finish();
  const chunks = last ? [...full, last] : full;
  return { chunks, manifest: { size, hash, chunks: chunks.map((bytes) => chunkId(crypto.sha256(bytes))) } };
}

describe("a blob's id", () => {
  it.each([
    ["hello", utf8("hello"), "B4vDoZ2b3EoHNyf727eRqm5cKwbniJL7NTwPqs3o4cwH"],
    ["nothing", new Uint8Array(0), "GKot5hBsd81kMupNCXHaqbhv3huEbxAFMLnpcX2hniwn"],
    [
      "a chunk of zeros and a byte",
      concatBytes(new Uint8Array(BLOB_CHUNK_BYTES), utf8("x")),
      "9vgbGt65zAFThHoRFeANaPZLfygJkjxAA1pGycYxKyEY",
    ],
  ])("is the one that existing applications know: %s", (_name, bytes, id) => {
    expect(idToText(manifestId(crypto, split(bytes).manifest))).toBe(id);
    expect(idToText(blobIdOf(crypto, bytes))).toBe(id);
  });

  it("and those of its chunks and its bytes are the published ones", () => {
    expect(split(utf8("hello")).manifest.chunks.map(idToText)).toEqual([
      "42TEXg1vFAbcJ65y7qdYG9iCPvYfy3NDdVLd75akX2P5",
    ]);
    const { hash } = split(new Uint8Array(BLOB_CHUNK_BYTES), utf8("x")).manifest;
    expect(idToText(hash)).toBe("56PqBkBK2htaUiaHqgZMRLZ3NVEze7QMRFYVbXGFj5N5");
  });

  it("does not depend on how the bytes came", () => {
    const bytes = new Uint8Array(BLOB_CHUNK_BYTES * 2 + 5).map((_, at) => at % 251);
    const whole = split(bytes);
    const parts = split(
      bytes.subarray(0, 3),
      bytes.subarray(3, BLOB_CHUNK_BYTES + 9),
      bytes.subarray(BLOB_CHUNK_BYTES + 9),
    );
    expect(parts.manifest).toEqual(whole.manifest);
    expect(parts.chunks.map((chunk) => chunk.length)).toEqual([BLOB_CHUNK_BYTES, BLOB_CHUNK_BYTES, 5]);
    expect(whole.manifest.hash).toEqual(crypto.sha256(bytes));
    expect(chunkBytes(whole.manifest, 2)).toBe(5);
  });
});

describe("a manifest", () => {
  const chunk = (byte: number) => new Uint8Array(32).fill(byte) as ChunkId;
  const sample: Manifest = {
    size: BLOB_CHUNK_BYTES + 1,
    hash: new Uint8Array(32).fill(7),
    chunks: [chunk(1), chunk(2)],
  };
  const corpus = [sample, { ...sample, size: 9, chunks: [chunk(1)] }, { ...sample, size: 0, chunks: [] }];

  it("comes back as it was written", () => {
    for (const manifest of corpus) expect(decodeManifest(encodeManifest(manifest))).toEqual(manifest);
  });

  it.each([
    ["a chunk too few", encodeManifest({ ...sample, chunks: [chunk(1)] })],
    ["a chunk too many", encodeManifest({ ...sample, size: 1 })],
    [
      "a size over the limit",
      new Writer()
        .u8(1)
        .varint(BLOB_BYTES_MAX + 1)
        .raw(new Uint8Array(32))
        .toBytes(),
    ],
    ["another format", Uint8Array.of(2, ...encodeManifest(sample).subarray(1))],
  ])("is refused with %s", (_name, bytes) => {
    expect(decodeManifest(bytes)).toBeUndefined();
  });

  it("has one encoding, whatever comes", () => {
    const report = fuzzDecoder({
      name: "manifest",
      seed: 31,
      corpus: corpus.map(encodeManifest),
      decode: decodeManifest,
      encode: encodeManifest,
    });
    expect(report.accepted).toBeGreaterThan(0);
  });
});
