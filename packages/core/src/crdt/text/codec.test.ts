import { describe, expect, it } from "vitest";
import { fuzzDecoder } from "../../../../../tools/fuzz.ts";
import { createPrng, Writer } from "../../base/index.ts";
import { decodeBlock, decodeJoin, encodeFragment } from "./codec.ts";
import { Fragment } from "./fragment.ts";
import { ACTORS_MAX, COUNTER_MAX, JOIN_DELETED_MAX, JOIN_INSERTED_MAX } from "./limits.ts";
import { Network } from "./reference/network.ts";
import { TextState } from "./text-state.ts";

/** A join or block written by hand, to say what no encoder would. */
function bytes(flags: number, write: (writer: Writer) => void): Uint8Array {
  const writer = new Writer().u8(flags);
  write(writer);
  return writer.toBytes();
}

function accepts(join: Uint8Array): boolean {
  return decodeJoin(join, new Fragment());
}

describe("join codec", () => {
  it("draws one typed letter in five bytes", () => {
    const text = new TextState();
    text.insert(new Uint8Array(16), 0, "a");
    expect(text.takeJoin()).toEqual(Uint8Array.of(2, 1, 1, 1, 97));
    text.delete(new Uint8Array(16), 0, 1);
    expect(text.takeJoin()).toEqual(Uint8Array.of(4, 1, 0, 0));
  });

  it("refuses second forms of the same elements", () => {
    const right = 1;
    const left = 2;
    expect(accepts(bytes(2, (w) => w.varint(1).varint(right).varint(1).varint(97)))).toBe(true);
    // nothing, nothing but a dictionary, unknown flags, an empty list
    for (const flags of [0, 1, 16, 2]) expect(accepts(bytes(flags, (w) => w.varint(0)))).toBe(false);
    // a gap of zero
    expect(
      accepts(
        bytes(2, (w) =>
          w
            .varint(1)
            .varint(8 + right)
            .varint(0)
            .varint(1)
            .varint(97),
        ),
      ),
    ).toBe(false);
    // two runs that are one
    expect(accepts(bytes(2, (w) => w.varint(2).varint(right).varint(1).varint(0).u8(97).u8(97)))).toBe(false);
    // the element before, spelled out
    expect(
      accepts(
        bytes(2, (w) =>
          w
            .varint(1)
            .varint(8 + right)
            .varint(1)
            .varint(1)
            .u8(97),
        ),
      ),
    ).toBe(false);
    // an origin at distance zero, below the start, left of the start
    expect(accepts(bytes(2, (w) => w.varint(1).varint(right).varint(0).u8(97)))).toBe(false);
    expect(accepts(bytes(2, (w) => w.varint(1).varint(right).varint(2).u8(97)))).toBe(false);
    expect(accepts(bytes(2, (w) => w.varint(1).varint(left).varint(1).u8(97)))).toBe(false);
    // ranges that touch
    expect(accepts(bytes(4, (w) => w.varint(2).varint(0).varint(0).varint(0).varint(0)))).toBe(false);
    expect(accepts(bytes(4, (w) => w.varint(2).varint(0).varint(0).varint(1).varint(0)))).toBe(true);
    // a unit above 16 bits, and a byte too many
    expect(accepts(bytes(2, (w) => w.varint(1).varint(right).varint(1).varint(0x10000)))).toBe(false);
    expect(accepts(bytes(2, (w) => w.varint(1).varint(right).varint(1).u8(97).u8(0)))).toBe(false);
  });

  it("refuses a dictionary that is unsorted, unused or longer than the limit", () => {
    const one = new Uint8Array(16).fill(1);
    const two = new Uint8Array(16).fill(2);
    const ranges = (w: Writer): Writer => w.varint(2).u8(0).u8(1).u8(0).u8(1).u8(1).u8(0);
    expect(accepts(bytes(9, (w) => ranges(w.varint(2).raw(one).raw(two))))).toBe(true);
    expect(accepts(bytes(9, (w) => ranges(w.varint(2).raw(two).raw(one))))).toBe(false);
    expect(accepts(bytes(9, (w) => ranges(w.varint(2).raw(one).raw(one))))).toBe(false);
    expect(accepts(bytes(9, (w) => w.varint(2).raw(one).raw(two).varint(1).u8(0).u8(1).u8(0)))).toBe(false);
    expect(accepts(bytes(9, (w) => w.varint(ACTORS_MAX + 1).raw(new Uint8Array(16 * (ACTORS_MAX + 2)))))).toBe(false);
  });

  it("bounds counters and the work of one join", () => {
    const deleted = (start: number, length: number): Uint8Array =>
      bytes(4, (w) =>
        w
          .varint(1)
          .varint(start - 1)
          .varint(length - 1),
      );
    expect(accepts(deleted(COUNTER_MAX, 1))).toBe(true);
    expect(accepts(deleted(COUNTER_MAX, 2))).toBe(false);
    expect(accepts(deleted(1, JOIN_DELETED_MAX))).toBe(true);
    expect(accepts(deleted(1, JOIN_DELETED_MAX + 1))).toBe(false);
    const inserted = (length: number): Uint8Array =>
      bytes(6, (w) =>
        w
          .varint(1)
          .varint((length - 1) * 16 + 1)
          .varint(1)
          .varint(1)
          .varint(0)
          .varint(length - 1),
      );
    expect(accepts(inserted(JOIN_INSERTED_MAX))).toBe(true);
    expect(accepts(inserted(JOIN_INSERTED_MAX + 1))).toBe(false);
  });
});

describe("mutated bytes", () => {
  it("are refused, or are the canonical form of what they hold, as joins", () => {
    const decode = (sample: Uint8Array) => decoded((fragment) => decodeJoin(sample, fragment));
    const encode = (fragment: Fragment) => encodeFragment(fragment, 0);
    const report = fuzzDecoder({ name: "text join", seed: 11, corpus: samples().joins, decode, encode });
    expect(report.accepted).toBeGreaterThan(100);
  });

  it("are refused, or are the canonical form of what they hold, as blocks", () => {
    const { blocks } = samples();
    const index = blocks[0]!.index;
    const corpus = blocks.filter((block) => block.index === index).map((block) => block.bytes);
    const decode = (sample: Uint8Array) => decoded((fragment) => decodeBlock(sample, index, fragment));
    const encode = (fragment: Fragment) => encodeFragment(fragment, index * 1024);
    const report = fuzzDecoder({ name: "text block", seed: 12, corpus, decode, encode });
    expect(report.accepted).toBeGreaterThan(100);
  });

  it("as joins and blocks never break a text, and leave replicas equal", () => {
    const prng = createPrng(12);
    const actors = [3, 1, 2].map((fill) => new Uint8Array(16).fill(fill));
    const { joins, blocks } = samples();
    for (let round = 0; round < 60; round++) {
      const hostile = Array.from({ length: 12 }, () => ({
        join: mutate(prng.pick(joins), prng),
        actor: prng.pick(actors),
      }));
      const [one, two] = [new TextState(), new TextState()];
      for (const { join, actor } of hostile) one.apply(join, actor);
      for (const { join, actor } of hostile.reverse()) two.apply(join, actor);
      expect(one.toString()).toBe(two.toString());
      expect(one.length).toBe(one.toString().length);
      expect(stateOf(one)).toEqual(stateOf(two));
      const loaded = TextState.load([{ actor: actors[0]!, block: 0, bytes: mutate(prng.pick(blocks).bytes, prng) }]);
      if (loaded.ok) expect(loaded.value.length).toBe(loaded.value.toString().length);
    }
  });
});

function decoded(read: (into: Fragment) => boolean): Fragment | undefined {
  const fragment = new Fragment();
  return read(fragment) ? fragment : undefined;
}

function stateOf(text: TextState): string[] {
  return [...text.takeDirty()].map(({ actor, block, bytes: data }) => `${actor.join()}/${block}:${data.join()}`).sort();
}

function samples(): { joins: Uint8Array[]; blocks: { bytes: Uint8Array; index: number }[] } {
  const prng = createPrng(5);
  const network = new Network([1, 2, 3].map((fill) => new Uint8Array(16).fill(fill)));
  const joins: Uint8Array[] = [];
  for (let step = 0; step < 60; step++) {
    const replica = prng.pick(network.replicas);
    if (prng.chance(0.4)) for (let i = 0; i < 3; i++) network.deliver(replica, prng.below(3));
    const { text, actor } = replica;
    text.insert(actor, prng.below(text.length + 1), prng.pick(["a", "bc", "\ud83d", "\u4e2d\u6587", "words of text"]));
    const from = prng.below(text.length);
    if (prng.chance(0.5)) text.delete(actor, from, Math.min(text.length - from, prng.below(5)));
    replica.commit();
  }
  for (const replica of network.replicas) joins.push(...replica.joins);
  network.settle(prng);
  const dirty = [...network.replicas[0]!.text.takeDirty()];
  return { joins, blocks: dirty.map(({ bytes: data, block }) => ({ bytes: data, index: block })) };
}

function mutate(sample: Uint8Array, prng: ReturnType<typeof createPrng>): Uint8Array {
  const mutant = sample.slice(0, prng.chance(0.1) ? prng.below(sample.length) : sample.length);
  for (let i = 1 + prng.below(3); i > 0 && mutant.length > 0; i--) {
    const at = prng.below(mutant.length);
    if (prng.chance(0.5)) mutant[at] = prng.u32() & 255;
    else mutant[at] = (mutant[at] ?? 0) ^ (1 << prng.below(8));
  }
  return mutant;
}
