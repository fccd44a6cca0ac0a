import { compareBytes } from "@dunlin/core/base";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rangeOf, SortedMap } from "./sorted-map.ts";

// Keys of few bytes, so that they collide and lie on node bounds.
const key = fc.uint8Array({ minLength: 1, maxLength: 2, max: 40 });
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("set" as const), key, value: fc.nat() }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("delete" as const), key }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("snapshot" as const) }) },
);

describe("SortedMap", () => {
  it("equals a sorted array, and so does every snapshot of it", () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 600, size: "max" }),
        key,
        key,
        fc.boolean(),
        (steps, gte, lt, reverse) => {
          const map = new SortedMap<number>();
          const model = new Map<string, readonly [Uint8Array, number]>();
          const expected = (): (readonly [Uint8Array, number])[] => {
            const all = [...model.values()].filter(([k]) => compareBytes(k, gte) >= 0 && compareBytes(k, lt) < 0);
            all.sort(([a], [b]) => (reverse ? compareBytes(b, a) : compareBytes(a, b)));
            return all;
          };
          const snapshots: { snapshot: ReturnType<typeof map.snapshot>; was: ReturnType<typeof expected> }[] = [];
          for (const each of steps) {
            if (each.kind === "snapshot") snapshots.push({ snapshot: map.snapshot(), was: expected() });
            else if (each.kind === "set") {
              map.set(each.key, each.value);
              model.set(String(each.key), [each.key, each.value]);
            } else expect(map.delete(each.key)).toBe(model.delete(String(each.key)));
          }
          expect(map.size).toBe(model.size);
          expect([...map.range({ gte, lt, reverse })]).toEqual(expected());
          for (const [, [k, value]] of model) expect(map.get(k)).toBe(value);
          for (const { snapshot, was } of snapshots) expect([...rangeOf(snapshot, { gte, lt, reverse })]).toEqual(was);
        },
      ),
      { seed: 41, numRuns: 120 },
    );
  });

  it("shows each range as it was when it was made, whatever is written before its end", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300, size: "max" }), key, key, (steps, gte, lt) => {
        const map = new SortedMap<number>();
        const reads: (() => void)[] = [];
        for (const each of steps) {
          if (each.kind === "set") map.set(each.key, each.value);
          else if (each.kind === "delete") map.delete(each.key);
          else reads.push(begin(map.range({ gte, lt }), [...map.range({ gte, lt })]));
        }
        for (const finish of reads) finish();
      }),
      { seed: 43, numRuns: 100 },
    );
  });

  it("holds many keys, in whatever order they come, and lets all of them go", () => {
    const map = new SortedMap<number>();
    const count = 20_000;
    const keyOf = (i: number): Uint8Array => Uint8Array.of((i * 7919) >> 8, (i * 7919) & 255, i >> 8, i & 255);
    for (let i = 0; i < count; i++) map.set(keyOf(i), i);
    expect(map.size).toBe(count);
    for (let i = 0; i < count; i++) expect(map.get(keyOf(i))).toBe(i);
    for (let i = 0; i < count; i++) expect(map.delete(keyOf(i))).toBe(true);
    expect([...map.range({ gte: new Uint8Array(0), lt: Uint8Array.of(255) })]).toEqual([]);
    map.set(keyOf(3), 3);
    expect([...map.range({ gte: new Uint8Array(0), lt: Uint8Array.of(255) })]).toHaveLength(1);
  });
});

/** Reads the first entry now and all others when it is called, and compares. */
function begin(range: Iterable<unknown>, expected: readonly unknown[]): () => void {
  const entries = range[Symbol.iterator]();
  const first = entries.next();
  return () => {
    const seen = first.done === true ? [] : [first.value];
    for (let next = entries.next(); next.done !== true; next = entries.next()) seen.push(next.value);
    expect(seen).toEqual(expected);
  };
}
