import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createPrng, type DeltaId, idKey, type Stamp } from "../../base/index.ts";
import { createCrypto } from "../../crypto/index.ts";
import { RANGE_IDS_MAX } from "../limits.ts";
import { type Bound, RangeSet } from "./range-set.ts";
import { answerRanges, Reconciliation } from "./reconcile.ts";

const crypto = createCrypto();
const key = new Uint8Array(32).fill(7);

function itemsOf(seed: number, count: number): Bound[] {
  const prng = createPrng(seed);
  return Array.from({ length: count }, () => ({
    stamp: (1 + prng.below(Math.max(1, count / 2))) as Stamp,
    id: prng.bytes(32) as DeltaId,
  }));
}

/** What the asking side finds, and in how many round trips. */
function reconcile(asking: readonly Bound[], answering: readonly Bound[]) {
  const other = new RangeSet(crypto, key, answering);
  const search = new Reconciliation(new RangeSet(crypto, key, asking));
  let trips = 0;
  for (let claims = search.ask(); claims; claims = search.ask()) {
    trips++;
    expect(search.onAnswer(answerRanges(other, claims))).toBe(true);
  }
  expect(search.isDone).toBe(true);
  const held = new Set(asking.map(({ id }) => idKey(id)));
  return { trips, needed: search.found.map(idKey).filter((id) => !held.has(id)), found: search.found.length };
}

describe("ranges", () => {
  it("find exactly what the other side holds and this one does not", () => {
    const sets = fc.record({ seed: fc.integer(), common: fc.nat(600), left: fc.nat(80), right: fc.nat(80) });
    fc.assert(
      fc.property(sets, ({ seed, common, left, right }) => {
        const items = itemsOf(seed, common + left + right);
        const [shared, own, others] = [
          items.slice(0, common),
          items.slice(common, common + left),
          items.slice(common + left),
        ];
        const { needed } = reconcile([...shared, ...own], [...shared, ...others]);
        expect(needed.sort()).toEqual(others.map(({ id }) => idKey(id)).sort());
      }),
      { seed: 21, numRuns: 30 },
    );
  });

  it("take a few round trips, and what is found is in proportion to the difference", () => {
    const items = itemsOf(5, 6_000);
    const { needed, trips, found } = reconcile(items.slice(0, -3), items);
    expect(needed).toHaveLength(3);
    expect(trips).toBeLessThanOrEqual(5);
    expect(found).toBeLessThanOrEqual(3 * RANGE_IDS_MAX);
    expect(reconcile(items, items.slice(0, -3))).toMatchObject({ needed: [] });
  });

  it("have fingerprints that another key makes others", () => {
    const items = itemsOf(6, 100);
    const whole = { from: undefined, to: undefined };
    const [a, b] = [key, new Uint8Array(32).fill(8)].map((one) => new RangeSet(crypto, one, items).fingerprint(whole));
    expect(a?.count).toBe(b?.count);
    expect(a?.sum).not.toEqual(b?.sum);
  });

  it("refuse an answer that would make the search larger, or that nobody asked for", () => {
    const items = itemsOf(7, 200).sort((a, b) => a.stamp - b.stamp);
    const own = new RangeSet(crypto, key, items.slice(0, 100));
    const search = new Reconciliation(own);
    expect(search.onAnswer({ ids: [], parts: [] })).toBe(false);
    expect(search.ask()).toHaveLength(1);
    const whole = { from: undefined, to: undefined };
    const fingerprint = { count: 1, sum: new Uint8Array(16).fill(1) };
    expect(search.onAnswer({ ids: [], parts: [{ ...whole, fingerprint }] })).toBe(false);
  });
});
