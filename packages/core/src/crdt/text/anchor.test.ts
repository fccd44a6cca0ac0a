import { expect, it } from "vitest";
import { fuzzDecoder } from "../../../../../tools/fuzz.ts";
import { ACTOR_BYTES, actorId } from "../../base/index.ts";
import { type Anchor, decodeAnchor, encodeAnchor } from "./anchor.ts";
import { COUNTER_MAX } from "./limits.ts";

const actor = actorId(new Uint8Array(ACTOR_BYTES).fill(7));

it("decodes what it encoded, and every kind has its own bytes", () => {
  const anchors: Anchor[] = [
    { at: "start" },
    { at: "end" },
    { at: "before", actor, counter: 1 },
    { at: "after", actor, counter: COUNTER_MAX },
  ];
  for (const anchor of anchors) expect(decodeAnchor(encodeAnchor(anchor))).toEqual(anchor);
  expect(anchors.map((anchor) => encodeAnchor(anchor)[0])).toEqual([0, 1, 2, 3]);
  expect(decodeAnchor(Uint8Array.of(3, 0, ...actor))).toBeUndefined();
  expect(decodeAnchor(Uint8Array.of(4))).toBeUndefined();
  const { accepted } = fuzzDecoder({
    name: "anchor",
    seed: 24,
    corpus: anchors.map(encodeAnchor),
    decode: decodeAnchor,
    encode: encodeAnchor,
  });
  expect(accepted).toBeGreaterThan(0);
});
