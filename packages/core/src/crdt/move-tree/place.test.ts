import { describe, expect, it } from "vitest";
import { fuzzDecoder } from "../../../../../tools/fuzz.ts";
import { type ActorId, createPrng, type Prng, type Stamp } from "../../base/index.ts";
import { decodeCell, encodeCell } from "../cells/cell-kind.ts";
import { actorOf } from "../reference/draw.ts";
import { checkCellLaws } from "../reference/laws.ts";
import * as place from "./place.ts";
import { TREE_ROOT, TREE_TRASH } from "./place.ts";

const intern = (bytes: Uint8Array): ActorId => bytes.slice() as ActorId;

describe("a place", () => {
  const draw = (prng: Prng): place.PlaceCell => ({
    content: prng.pick(["V----", "V---3", "V---3V----"]),
    stamp: (1 + prng.below(3)) as Stamp,
    actor: actorOf(prng.below(3)),
  });

  it("keeps the laws", () => {
    const prng = createPrng(41);
    for (let run = 0; run < 1500; run++) checkCellLaws(place, draw, prng, intern);
  });

  it("decodes only from what it encodes to, whatever the damage", () => {
    const prng = createPrng(42);
    const corpus = Array.from({ length: 100 }, () => encodeCell(place, draw(prng)));
    const decode = (bytes: Uint8Array) => decodeCell(place, bytes, intern);
    const encode = (cell: place.PlaceCell) => encodeCell(place, cell);
    expect(fuzzDecoder({ name: "a place", seed: 42, corpus, decode, encode }).accepted).toBeGreaterThan(10);
  });

  it("has an entry key that comes back from the store as it went in", () => {
    const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
    for (const [node, parent] of [
      ["a", TREE_ROOT],
      ["ł", TREE_TRASH],
      ["a", "b"],
    ] as const) {
      const key = place.placeKey(node, parent);
      expect(place.bytesToKey(bytes(key))).toBe(key);
      expect(place.parsePlaceKey(key)).toEqual({ node, parent });
    }
    for (const key of ["", "a", "\u0000", "\u0000a", "a\u0000b\u0000", "a\u0000\u0000\u0000"]) {
      expect(place.bytesToKey(bytes(key))).toBeUndefined();
    }
    expect(place.bytesToKey(Uint8Array.of(0x61, 0, 0xff))).toBeUndefined();
  });
});
