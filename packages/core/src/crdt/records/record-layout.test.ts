import { describe, expect, it } from "vitest";
import type { Stamp } from "../../base/index.ts";
import { GENERATION_ZERO } from "../cell-key.ts";
import { actorOf } from "../reference/draw.ts";
import { LastField } from "./fields/last-field.ts";
import type { Pair } from "./pair-table.ts";
import { createField, documentOf, fieldOf, fieldsOf, join, type RecordCell } from "./record-cell.ts";
import { OpenFields } from "./record-layout.ts";
import { shapeOf } from "./record-shape.ts";

const pairOf = (stamp: number, actor = 1): Pair => ({ stamp: stamp as Stamp, actor: actorOf(actor) });
const names = ["a", "b", "c", "d", "e", "f", "g"];

/** A document whose fields were written under these stamps, each with its place as content. */
function written(stamps: readonly number[]): RecordCell {
  const fields = stamps.map((stamp, i) => createField("last", names[i] as string, new LastField(i, pairOf(stamp))));
  return documentOf(GENERATION_ZERO, fields);
}

/** How many fields keep a pair of their own. */
const apart = (record: RecordCell): number =>
  record.shape.fields.filter((_, place) => record.fieldAt(place) instanceof LastField).length;

describe("a record in memory", () => {
  it("gives back every field, however many, under whatever stamps", () => {
    for (let size = 0; size <= names.length; size++) {
      for (const stampOf of [() => 5, (i: number) => i + 1, (i: number) => (i % 2) + 1]) {
        const record = written(names.slice(0, size).map((_, i) => stampOf(i)));
        expect(fieldsOf(record).map(({ name }) => name)).toEqual(names.slice(0, size));
        for (let i = 0; i < size; i++) {
          expect(fieldOf(record, "last", names[i] as string)).toEqual(new LastField(i, pairOf(stampOf(i))));
        }
        expect(fieldOf(record, "last", "z")).toBeUndefined();
      }
    }
  });

  it("keeps what most fields share once, and the rest apart", () => {
    expect(apart(written([5, 5, 5, 5, 5, 5, 5]))).toBe(0);
    expect(apart(written([5, 5, 9, 5, 5]))).toBe(1);
    expect(apart(written([9, 5, 5, 5, 5]))).toBe(1);
    const mixed = documentOf(GENERATION_ZERO, [
      createField("last", "a", new LastField("x", pairOf(3))),
      createField("counter", "votes", [{ actor: actorOf(2), added: 1, subtracted: 0 }]),
      createField("child", "body", 1),
    ]);
    expect([apart(mixed), fieldOf(mixed, "child", "body")]).toEqual([0, 1]);
    expect(fieldOf(mixed, "counter", "votes")).toEqual([{ actor: actorOf(2), added: 1, subtracted: 0 }]);
  });

  it("shares its head with one that the same delta made", () => {
    const shape = shapeOf([{ kind: "last", name: "a" }]);
    const open = new OpenFields();
    const pair = pairOf(4);
    const of = (content: string): RecordCell => {
      open.setLast(0, content, pair);
      return open.close(GENERATION_ZERO, shape);
    };
    const [one, head, two] = [of("one"), shape.lastHead, of("two")];
    expect(shape.lastHead).toBe(head);
    expect([one.contentAt(0), two.contentAt(0), two.pairAt(0)]).toEqual(["one", "two", pair]);
  });

  it("is the same in a field by stamp, author and content, wherever those lie", () => {
    const [all, later] = [written([5, 5, 5]), written([5, 5, 9])];
    expect(all.isSameAt(0, later, 0)).toBe(true);
    expect(all.isSameAt(2, later, 2)).toBe(false);
    // The field of `later` that lies apart, and one of the same stamp that does not.
    expect(later.isSameAt(2, written([9, 9, 9]), 2)).toBe(true);
    const other = documentOf(GENERATION_ZERO, [createField("last", "a", new LastField(0, pairOf(5, 2)))]);
    expect(all.isSameAt(0, other, 0)).toBe(false);
  });

  it("joins to the field that is later, then of the greater author, then of the greater content", () => {
    const one = (content: string, stamp: number, actor = 1): RecordCell =>
      documentOf(GENERATION_ZERO, [createField("last", "a", new LastField(content, pairOf(stamp, actor)))]);
    const cases = [
      [one("x", 1), one("a", 2)],
      [one("x", 1, 1), one("a", 1, 2)],
      [one("a", 1), one("x", 1)],
    ] as const;
    for (const [lesser, greater] of cases) {
      expect(join(greater, lesser)).toBe(greater);
      expect(fieldsOf(join(lesser, greater))).toEqual(fieldsOf(greater));
    }
  });
});
