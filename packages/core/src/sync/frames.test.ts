import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { fuzzDecoder } from "../../../../tools/fuzz.ts";
import { bytesToHex, concatBytes, type DeltaId, hexToBytes, must, Writer } from "../base/index.ts";
import { ACKNOWLEDGEMENT_BYTES_MAX } from "../replica/index.ts";
import { decodeFrame, encodeFrame } from "./frames.ts";
import {
  DIGEST_ENTRIES_MAX,
  FRAME_BYTES_MAX,
  HEARD_ACTORS_MAX,
  OFFER_TAGS_MAX,
  PRESENCE_BYTES_MAX,
  PRESENCES_PER_FRAME_MAX,
  PULL_PAGES_MAX,
  PULL_WANTED_MAX,
  RANGES_PER_FRAME_MAX,
  RECEIPTS_PER_FRAME_MAX,
} from "./limits.ts";

interface Vector {
  readonly kind: string;
  readonly bytes: string;
}

const url = new URL("../../../../fixtures/vectors/frames/valid.json", import.meta.url);
const { frames } = JSON.parse(readFileSync(url, "utf8")) as { readonly frames: readonly Vector[] };
const corpus = frames.map(({ bytes }) => must(hexToBytes(bytes), "hexadecimal"));
const id = (byte: number) => new Uint8Array(32).fill(byte) as DeltaId;
const actor = (byte: number) => new Uint8Array(16).fill(byte);
const pull = () => new Writer().u8(5).varint(0);
const receipts = () => new Writer().u8(18).varint(0).raw(actor(1));

const bad: [string, Uint8Array][] = [
  ["nothing", new Uint8Array(0)],
  ["kind 0", Uint8Array.of(0)],
  ["a kind that is not known", Uint8Array.of(200, 1, 2)],
  ["a hello cut short", must(corpus[0], "a hello").subarray(0, 20)],
  ["a byte behind the end", concatBytes(must(corpus[0], "a hello"), Uint8Array.of(0))],
  ["ids out of order", pull().varint(2).raw(id(2)).raw(id(1)).u8(0).u8(1).toBytes()],
  ["an id twice", pull().varint(2).raw(id(2)).raw(id(2)).u8(0).u8(1).toBytes()],
  ["a flag that is neither 0 nor 1", pull().varint(0).u8(2).u8(1).toBytes()],
  [
    "more ids than may be asked for",
    pull()
      .varint(PULL_WANTED_MAX + 1)
      .toBytes(),
  ],
  ["a count without what it counts", pull().varint(3).raw(id(1)).u8(0).toBytes()],
  [
    "an actor twice",
    new Writer()
      .u8(7)
      .varint(0)
      .varint(2)
      .raw(new Uint8Array(16))
      .varint(1)
      .raw(new Uint8Array(16))
      .varint(2)
      .toBytes(),
  ],
  ["an unknown flag of deltas", Uint8Array.of(6, 0, 8, 0)],
  ["a push that says that more follows", Uint8Array.of(6, 0, 6, 0)],
  ["a pull of no page", pull().varint(0).u8(0).u8(0).toBytes()],
  [
    "a pull of more pages than one answer has",
    pull()
      .varint(0)
      .u8(0)
      .u8(PULL_PAGES_MAX + 1)
      .toBytes(),
  ],
  [
    "a bound that is neither there nor not",
    new Writer().u8(14).varint(0).varint(1).u8(2).u8(0).varint(1).raw(new Uint8Array(16)).toBytes(),
  ],
  [
    "more ranges than may be asked about",
    new Writer()
      .u8(14)
      .varint(0)
      .varint(RANGES_PER_FRAME_MAX + 1)
      .raw(new Uint8Array(600))
      .toBytes(),
  ],
  ["fifteen parts of a state", new Writer().u8(17).varint(0).raw(id(1)).u8(15).raw(new Uint8Array(2)).toBytes()],
  ["authors out of order", new Writer().u8(12).varint(0).u8(1).varint(2).raw(actor(2)).raw(actor(1)).toBytes()],
  [
    "more installations than may be heard of",
    receipts()
      .varint(HEARD_ACTORS_MAX + 1)
      .raw(new Uint8Array(16 * (HEARD_ACTORS_MAX + 1)))
      .varint(0)
      .toBytes(),
  ],
  [
    "more acknowledgements than a frame may have",
    receipts()
      .varint(0)
      .varint(RECEIPTS_PER_FRAME_MAX + 1)
      .raw(new Uint8Array(RECEIPTS_PER_FRAME_MAX + 1))
      .toBytes(),
  ],
  [
    "an acknowledgement larger than one may be",
    receipts()
      .varint(0)
      .varint(1)
      .bytes(new Uint8Array(ACKNOWLEDGEMENT_BYTES_MAX + 1))
      .toBytes(),
  ],
  [
    "more entries of presence than a frame may have",
    new Writer()
      .u8(19)
      .varint(0)
      .varint(PRESENCES_PER_FRAME_MAX + 1)
      .raw(new Uint8Array(2 * PRESENCES_PER_FRAME_MAX + 2))
      .toBytes(),
  ],
  [
    "an entry of presence larger than one may be",
    new Writer()
      .u8(19)
      .varint(0)
      .varint(1)
      .varint(0)
      .bytes(new Uint8Array(PRESENCE_BYTES_MAX + 1))
      .toBytes(),
  ],
  [
    "a digest of more contexts than it may name",
    new Writer()
      .u8(13)
      .varint(DIGEST_ENTRIES_MAX + 1)
      .toBytes(),
  ],
  [
    "more tags than may be offered",
    new Writer()
      .u8(2)
      .varint(OFFER_TAGS_MAX + 1)
      .raw(new Uint8Array((OFFER_TAGS_MAX + 1) * 32))
      .toBytes(),
  ],
  ["more than a frame may be", new Uint8Array(FRAME_BYTES_MAX + 1).fill(1)],
];

describe("a frame", () => {
  it.each(frames)("of the vectors has one encoding: $kind", ({ kind, bytes }) => {
    const frame = decodeFrame(must(hexToBytes(bytes), "hexadecimal"));
    expect(frame?.kind).toBe(kind);
    expect(frame && bytesToHex(encodeFrame(frame))).toBe(bytes);
  });

  it("of every kind is among the vectors", () => {
    const kinds = new Set(frames.map(({ kind }) => kind));
    expect(kinds.size).toBe(20);
  });

  it.each(bad)("is refused: %s", (_name, bytes) => {
    expect(decodeFrame(bytes)).toBeUndefined();
  });

  it("that is accepted encodes to the same bytes, however it was mutated", () => {
    const report = fuzzDecoder({ name: "frame", seed: 1, corpus, decode: decodeFrame, encode: encodeFrame });
    expect(report.accepted).toBeGreaterThan(0);
  });
});
