import { describe, expect, it } from "vitest";
import { fuzzDecoder } from "../../../../../tools/fuzz.ts";
import { type ActorId, actorId, createPrng, type Prng, type Stamp } from "../../base/index.ts";
import { actorOf, drawValue } from "../reference/draw.ts";
import { valueToStored } from "../stored.ts";
import { COUNTER_MAX } from "../text/limits.ts";
import { createItemBlock, decodeItemBlock, encodeItemBlock, type ItemBlock } from "./item-block.ts";
import { BLOCK_ITEMS } from "./limits.ts";

const OWNER = actorOf(5);
const intern = (bytes: Uint8Array): ActorId => actorOf(bytes[0] ?? 0);

function drawBlock(prng: Prng, index: number): ItemBlock {
  const block = createItemBlock(OWNER, index);
  const stamp = () => (1 + prng.below(3)) as Stamp;
  for (let slot = index === 0 ? 1 : 0; slot < BLOCK_ITEMS; slot++) {
    if (!prng.chance(0.1) && slot !== 9) continue;
    if (prng.chance(0.2)) {
      block.deleted[slot] = true;
      continue;
    }
    const content = valueToStored(drawValue(prng, 1));
    block.values[slot] = { content, stamp: stamp(), actor: actorOf(4 + prng.below(3)) };
    if (!prng.chance(0.3)) continue;
    block.locations[slot] = { stamp: stamp(), actor: actorOf(4 + prng.below(3)), counter: 1 + prng.below(COUNTER_MAX) };
    if (prng.chance(0.2)) block.values[slot] = undefined;
  }
  return block;
}

describe("a block of items", () => {
  it("decodes only from what it encodes to, whatever the damage", () => {
    const prng = createPrng(31);
    for (const index of [0, 3]) {
      const decode = (bytes: Uint8Array) => decodeItemBlock(bytes, OWNER, index, (actor) => actorId(actor.slice()));
      const corpus = Array.from({ length: 200 }, () => encodeItemBlock(drawBlock(prng, index)));
      const report = fuzzDecoder({
        name: "item block",
        seed: 31,
        corpus,
        decode,
        encode: encodeItemBlock,
        inputs: 25_000,
      });
      expect(report.accepted).toBeGreaterThan(100);
    }
  });

  it("writes stamp and actor once for neighbours that share them", () => {
    const block = createItemBlock(OWNER, 1);
    for (let slot = 0; slot < BLOCK_ITEMS; slot++)
      block.values[slot] = { content: true, stamp: 2 as Stamp, actor: OWNER };
    expect(encodeItemBlock(block)).toHaveLength(2 + BLOCK_ITEMS * 2 + 2);
  });

  it("is refused with the slot of counter 0, beyond its slots, empty, or with an item that holds nothing", () => {
    const accepts = (index: number, ...bytes: number[]): boolean =>
      decodeItemBlock(Uint8Array.from(bytes), OWNER, index, intern) !== undefined;
    const deleted = 1;
    const gap = 16;
    expect(accepts(1, 0, 1, deleted)).toBe(true);
    expect(accepts(0, 0, 1, deleted)).toBe(false);
    expect(accepts(0, 0, 1, gap + deleted)).toBe(true);
    expect(accepts(1, 0, 1, 0x81, 0x08)).toBe(false);
    expect(accepts(1, 0, 0)).toBe(false);
    expect(accepts(1, 0, 1, 0)).toBe(false);
    expect(accepts(1, 0, BLOCK_ITEMS + 1, ...new Array<number>(BLOCK_ITEMS + 1).fill(deleted))).toBe(false);
  });
});
