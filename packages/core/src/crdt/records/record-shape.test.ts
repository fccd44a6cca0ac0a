import { describe, expect, it } from "vitest";
import { createPrng } from "../../base/index.ts";
import type { FieldKind } from "./fields/fields.ts";
import { SHAPE_FIELDS_SHARED_MAX, SHAPES_SHARED_MAX } from "./limits.ts";
import { compareFields, type FieldName, NO_FIELDS, type RecordShape, shapeOf } from "./record-shape.ts";

/** Two, so that all shapes of the tests together are fewer than the limit. */
const KINDS: readonly FieldKind[] = ["last", "child"];

function grown(fields: readonly FieldName[]): RecordShape {
  return fields.reduce((shape, { kind, name }) => shape.with(kind, name), NO_FIELDS);
}

function numbered(count: number, prefix: string): FieldName[] {
  return Array.from({ length: count }, (_, i) => ({ kind: "last", name: `${prefix}${String(i).padStart(5, "0")}` }));
}

describe("a shape", () => {
  it("is the same object however its fields came, and finds each in its place", () => {
    const prng = createPrng(71);
    for (let run = 0; run < 300; run++) {
      const names = ["a", "b", "1 a", "ż", "z".repeat(40)].filter(() => prng.chance(0.6));
      const fields = names.map((name): FieldName => ({ kind: prng.pick(KINDS), name }));
      const shape = grown(fields.toSorted(() => prng.below(3) - 1));
      const sorted = fields.toSorted(compareFields);
      expect(shape.fields).toEqual(sorted);
      expect(shape).toBe(shapeOf(sorted));
      expect(shape.hasChildren).toBe(fields.some(({ kind }) => kind === "child"));
      for (const [place, { kind, name }] of sorted.entries()) {
        expect([shape.find(kind, name), shape.placeOf({ kind, name })]).toEqual([place, place]);
        expect(shape.without(place).with(kind, name)).toBe(shape);
      }
      expect(shape.find("last", "never")).toBe(-1);
    }
  });

  it("keeps names apart that run into each other", () => {
    const one = shapeOf([{ kind: "last", name: "a1 1 b" }]);
    const two = shapeOf([
      { kind: "last", name: "a" },
      { kind: "last", name: "b" },
    ]);
    expect(one).not.toBe(two);
    expect(one.size).toBe(1);
  });

  it("is shared up to as many fields as the limit says, and right beyond", () => {
    const most = numbered(SHAPE_FIELDS_SHARED_MAX, "m");
    expect(grown(most)).toBe(grown(most.toReversed()));
    const more = numbered(SHAPE_FIELDS_SHARED_MAX + 1, "m");
    expect(grown(more)).not.toBe(grown(more));
    expect(grown(more).fields).toEqual(grown(more.toReversed()).fields);
  });

  it("gives way when there are more than the limit: those in use stay right", () => {
    const field = { kind: "last", name: "kept" } as const;
    const kept = shapeOf([field]);
    const wider = kept.with("last", "other");
    for (let i = 0; i < SHAPES_SHARED_MAX; i++) shapeOf([{ kind: "last", name: `made up ${i}` }]);
    expect(shapeOf([field])).not.toBe(kept);
    expect(shapeOf([field]).fields).toEqual(kept.fields);
    expect(kept.with("last", "third").fields).toEqual([field, { kind: "last", name: "third" }]);
    expect(kept.with("last", "other").fields).toEqual(wider.fields);
  });
});
