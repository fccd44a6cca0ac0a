import { describe, expect, it } from "vitest";
import { historiesOf } from "../../../../../tools/property-runs.ts";
import { createPrng, type Prng } from "../../base/index.ts";
import { BlockStore, Network, type Replica } from "./reference/network.ts";
import { TextState } from "./text-state.ts";

const HISTORIES = historiesOf(60);
const ALPHABET = "abcdefgh \n\u00e9\u4e2d\ud83d\ude00\ud800";

describe("random histories", () => {
  it("give the same text and the same blocks on every replica, as the reference has it", () => {
    for (let seed = 1; seed <= HISTORIES; seed++) runHistory(seed);
  });
});

function runHistory(seed: number): void {
  const prng = createPrng(seed);
  const size = 2 + prng.below(3);
  const network = new Network(Array.from({ length: size }, () => prng.bytes(16)));
  const stores = network.replicas.map(() => new BlockStore());
  const steps = 5 + prng.below(40);
  for (let step = 0; step < steps; step++) {
    const at = prng.below(size);
    const replica = network.replicas[at] as Replica;
    if (prng.chance(0.5)) for (let i = prng.below(6); i > 0; i--) network.deliver(replica, prng.below(size));
    for (let edits = 1 + prng.below(4); edits > 0; edits--) edit(replica, prng);
    if (prng.chance(0.8)) replica.commit();
    if (prng.chance(0.2)) stores[at]?.collect(replica.text);
    if (prng.chance(0.05)) reload(replica, stores[at] as BlockStore);
  }
  for (const replica of network.replicas) replica.commit();
  network.settle(prng);
  const texts = network.replicas.map((replica) => replica.text.toString());
  const prints = network.replicas.map((replica, i) => stores[i]?.collect(replica.text).fingerprint());
  network.replicas.forEach((replica, i) => {
    const context = `seed ${seed} replica ${i}`;
    expect(texts[i], context).toBe(texts[0]);
    expect(prints[i], context).toBe(prints[0]);
    expect(texts[i], context).toBe(replica.reference.toString());
    reload(replica, stores[i] as BlockStore);
    expect(replica.text.toString(), context).toBe(texts[0]);
  });
}

/** A local edit, checked against the same edit of a string. */
function edit(replica: Replica, prng: Prng): void {
  const { text, actor } = replica;
  const before = text.toString();
  const position = prng.chance(0.3) ? before.length : prng.below(before.length + 1);
  let after = before;
  switch (prng.below(6)) {
    case 0: {
      const count = Math.min(before.length - position, prng.chance(0.1) ? 400 : prng.below(6));
      text.delete(actor, position, count);
      after = before.slice(0, position) + before.slice(position + count);
      break;
    }
    case 1: {
      for (let i = Math.min(position, 1 + prng.below(5)), end = position; i > 0; i--, end--) {
        text.delete(actor, end - 1, 1);
        after = after.slice(0, end - 1) + after.slice(end);
      }
      break;
    }
    default: {
      const length = prng.chance(0.06) ? 1 + prng.below(1500) : 1 + prng.below(4);
      const start = prng.below(ALPHABET.length);
      const inserted = Array.from({ length }, (_, i) => ALPHABET[(start + i) % ALPHABET.length]).join("");
      if (prng.chance(0.5)) text.insert(actor, position, inserted);
      else for (let i = 0; i < length; i++) text.insert(actor, position + i, inserted[i] as string);
      after = before.slice(0, position) + inserted + before.slice(position);
    }
  }
  expect(text.toString()).toBe(after);
  expect(text.length).toBe(after.length);
}

/** Replaces a replica's text by what its blocks say, when it has no edits waiting. */
function reload(replica: Replica, store: BlockStore): void {
  replica.commit();
  const loaded = TextState.load(store.collect(replica.text).blocks());
  if (!loaded.ok) throw new Error(loaded.error.message);
  expect(loaded.value.toString()).toBe(replica.text.toString());
  expect([...loaded.value.takeDirty()]).toEqual([]);
  replica.text = loaded.value;
}
