import { describe, expect, it } from "vitest";
import { bytesToHex, Writer } from "../../base/index.ts";
import type { Document } from "../document.ts";
import { encodeJoins } from "../joins/joins.ts";
import type { ListJoins } from "../joins/list-joins.ts";
import { JOINS_MAX } from "../limits.ts";
import { openDocument, refusalOf, write } from "../reference/documents.ts";
import { actorOf, originOf } from "../reference/draw.ts";
import { MemorySource } from "../reference/memory-source.ts";
import { COUNTER_LOCAL_MAX, COUNTER_MAX } from "../text/limits.ts";
import { TextState } from "../text/text-state.ts";
import type { Transaction } from "../transaction.ts";
import type { ListWriter } from "./list.ts";

const NOTHING: ListJoins = { positions: new Uint8Array(0), births: [], moves: [], sets: [], deletes: [] };

/** A document in which actor 1 has put these values, and its joins. */
function filled(...values: string[]): { document: Document; joins: Uint8Array } {
  const document = openDocument();
  return { document, joins: write(document, 1, 1, (tx) => tx.field("list", "l").push(...values)) };
}

function replicaOf(...joins: Uint8Array[]): Document {
  const document = openDocument();
  for (const [i, each] of joins.entries()) expect(document.apply(each, originOf(i + 1, 1)).ok).toBe(true);
  return document;
}

function edit(document: Document, stamp: number, actor: number, work: (list: ListWriter) => void): Uint8Array {
  return write(document, stamp, actor, (tx) => work(tx.field("list", "l")));
}

function shown(document: Document): unknown[] {
  return document.field("list", "l").toArray();
}

/** Applies the joins of two actors, made at once at one stamp, to each other's documents; both must agree. */
function crossed(a: Document, fromA: Uint8Array, b: Document, fromB: Uint8Array, stamp: number): unknown[] {
  expect(a.apply(fromB, originOf(stamp, 2)).ok).toBe(true);
  expect(b.apply(fromA, originOf(stamp, 1)).ok).toBe(true);
  expect(bytesToHex(a.root())).toBe(bytesToHex(b.root()));
  expect(shown(a)).toEqual(shown(b));
  return shown(a);
}

describe("a list", () => {
  it("inserts, sets, moves and deletes by index, and its elements keep their ids", () => {
    const { document } = filled("a", "b", "c");
    const b = document.field("list", "l").elementAt(1);
    edit(document, 2, 1, (list) => {
      list.move(1, 2);
      list.set(2, { deep: [1] });
      list.insert(0, 1, 2n, null);
      list.delete(3);
      expect(list.toArray()).toEqual([1, 2n, null, "c", { deep: [1] }]);
    });
    const list = document.field("list", "l");
    expect([...list]).toEqual([1, 2n, null, "c", { deep: [1] }]);
    expect(list.indexOfElement(b)).toBe(4);
    expect([list.get(4), list.get(5), list.kindOf(5), list.slice(3, 99)]).toEqual([
      { deep: [1] },
      undefined,
      "absent",
      ["c", { deep: [1] }],
    ]);
    edit(document, 3, 1, (writer) => writer.delete(4));
    expect(document.field("list", "l").indexOfElement(b)).toBeUndefined();
  });

  it("refuses indices outside it, and what is no value, and is then as it was", () => {
    const { document } = filled("a");
    const tx = document.begin(originOf(2, 1));
    const list = tx.field("list", "l");
    for (const work of [
      () => list.insert(2, "x"),
      () => list.insert(-1, "x"),
      () => list.insert(0.5, "x"),
      () => list.set(1, "x"),
      () => list.delete(0, 2),
      () => list.move(0, 1),
      () => list.elementAt(1),
      () => list.position(2, "after"),
    ]) {
      expect(refusalOf(work)).toBe("LIST_OUT_OF_RANGE");
    }
    expect(refusalOf(() => list.insert(0, Number.NaN))).toBe("VALUE_INVALID");
    expect(tx.commit()).toBeUndefined();
    expect(shown(document)).toEqual(["a"]);
  });

  it("of which a transaction is rolled back is as before, whether or not the store has it", () => {
    const source = new MemorySource();
    const document = openDocument(source);
    edit(document, 1, 1, (list) => list.push("a", "b"));
    source.put(document.takeDirty());
    edit(document, 2, 1, (list) => list.move(0, 1));
    const root = bytesToHex(document.root());
    const tx = document.begin(originOf(3, 1));
    tx.field("list", "l").move(0, 1);
    tx.field("list", "l").insertContainer("map", 0).set("k", 1);
    tx.rollback();
    expect(shown(document)).toEqual(["b", "a"]);
    expect(bytesToHex(document.root())).toBe(root);
  });

  it("holds containers that move with their element", () => {
    const document = openDocument();
    edit(document, 1, 1, (list) => {
      list.push("first");
      list.insertContainer("map", 1).set("name", "Ada");
    });
    edit(document, 2, 2, (list) => list.move(1, 0));
    const list = document.field("list", "l");
    expect([list.kindOf(0), list.get(0), list.nested("map", 0)?.get("name")]).toEqual(["map", undefined, "Ada"]);
    expect(list.nested("text", 0)).toBeUndefined();
    expect(list.toArray()).toEqual([null, "first"]);
  });

  it("keeps anchors where they are when what stood beside them moves away", () => {
    const { document } = filled("a", "b", "c", "d");
    const anchor = document.field("list", "l").position(2, "after");
    edit(document, 2, 2, (list) => list.move(2, 0));
    expect(document.field("list", "l").indexOf(anchor)).toBe(3);
    edit(document, 3, 2, (list) => list.insert(0, "z"));
    expect(document.field("list", "l").indexOf(anchor)).toBe(4);
  });
});

describe("concurrent edits of one element", () => {
  function meet(left: (list: ListWriter) => void, right: (list: ListWriter) => void): unknown[] {
    const { document, joins } = filled("a", "b", "c");
    const other = replicaOf(joins);
    return crossed(document, edit(document, 2, 1, left), other, edit(other, 2, 2, right), 2);
  }

  it("leave it once where the later of two moves puts it", () => {
    expect(
      meet(
        (list) => list.move(0, 2),
        (list) => list.move(0, 1),
      ),
    ).toEqual(["b", "a", "c"]);
  });

  it("both take effect when one moves and the other sets", () => {
    expect(
      meet(
        (list) => list.move(0, 2),
        (list) => list.set(0, "A"),
      ),
    ).toEqual(["b", "c", "A"]);
  });

  it("leave nothing when one deletes, whatever the other does", () => {
    const remove = (list: ListWriter) => list.delete(0);
    expect(meet(remove, (list) => list.move(0, 2))).toEqual(["b", "c"]);
    expect(meet((list) => list.set(0, "A"), remove)).toEqual(["b", "c"]);
  });

  it("keep two runs inserted at one place apart", () => {
    expect(
      meet(
        (list) => list.insert(1, "x", "y"),
        (list) => list.insert(1, "p", "q"),
      ),
    ).toEqual(["a", "p", "q", "x", "y", "b", "c"]);
  });
});

/** Every way in which three operations of up to three actors may have seen each other, in every order of arrival. */
describe("every history of three operations on a list", () => {
  it("converges", () => {
    const works: ((list: ListWriter) => void)[] = [
      (list) => list.insert(Math.min(1, list.length), "n"),
      (list) => list.length > 0 && list.delete(0),
      (list) => list.length > 0 && list.set(0, "s"),
      (list) => list.length > 1 && list.move(0, list.length - 1),
    ];
    expect(checkHistories(works)).toBe(EXPECTED_HISTORIES);
  });
});

const EXPECTED_HISTORIES = 4 ** 3 * 8;

interface Step {
  readonly stamp: number;
  readonly actor: number;
  readonly joins: Uint8Array | undefined;
}

/** Which of the earlier two each of the later two has seen: bits 1 and 2 for the third, 4 for the second. */
function checkHistories(works: readonly ((list: ListWriter) => void)[]): number {
  const base: Step = { stamp: 1, actor: 9, joins: filled("a", "b").joins };
  let count = 0;
  for (const choice of tuples(works.length, 3)) {
    for (let sight = 0; sight < 8; sight++) {
      const steps: Step[] = [];
      for (const [i, work] of choice.entries()) {
        const seen = steps.filter((_, at) => (sight & (i === 1 ? 4 : 1 << at)) !== 0);
        const closed = i === 2 && seen.includes(steps[1] as Step) && (sight & 4) !== 0 ? steps.slice(0, 2) : seen;
        steps.push(perform(base, closed, works[work] as (list: ListWriter) => void, i + 1));
      }
      checkOrders(base, steps);
      count++;
    }
  }
  return count;
}

function perform(base: Step, seen: readonly Step[], work: (list: ListWriter) => void, actor: number): Step {
  const document = arrived([base, ...seen]);
  const stamp = Math.max(base.stamp, ...seen.map((step) => step.stamp)) + 1;
  const tx: Transaction = document.begin(originOf(stamp, actor));
  work(tx.field("list", "l"));
  return { stamp, actor, joins: tx.commit() };
}

function checkOrders(base: Step, steps: readonly Step[]): void {
  const results = [
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
  ].map((order) => {
    const document = arrived([base, ...order.map((i) => steps[i] as Step), steps[0] as Step]);
    return `${bytesToHex(document.root())} ${JSON.stringify(shown(document))}`;
  });
  expect(new Set(results).size).toBe(1);
}

function arrived(steps: readonly Step[]): Document {
  const document = openDocument();
  for (const { joins, stamp, actor } of steps) if (joins !== undefined) document.apply(joins, originOf(stamp, actor));
  return document;
}

function tuples(size: number, length: number): number[][] {
  if (length === 0) return [[]];
  return tuples(size, length - 1).flatMap((rest) => Array.from({ length: size }, (_, i) => [...rest, i]));
}

describe("a hostile writer of a list", () => {
  const encode = (joins: Partial<ListJoins>): Uint8Array =>
    encodeJoins([{ type: "list", name: "l", joins: { ...NOTHING, ...joins } }]);

  function accepts(joins: Partial<ListJoins>): boolean {
    return openDocument().apply(encode(joins), originOf(1, 1)).ok;
  }

  function positions(text: string): Uint8Array {
    const state = new TextState();
    state.insert(actorOf(1), 0, text);
    return state.takeJoin() as Uint8Array;
  }

  it("cannot insert a position that nothing claims, claim one that it does not insert, or delete a position", () => {
    const births = [{ counter: 1, content: "v" }];
    const move = { counter: 1, target: { actor: actorOf(2), counter: 1 } };
    expect(accepts({ positions: positions("\0"), births })).toBe(true);
    expect(accepts({ positions: positions("\0"), moves: [move] })).toBe(true);
    expect(accepts({ positions: positions("\0\0"), births })).toBe(false);
    expect(accepts({ positions: positions("x"), births })).toBe(false);
    expect(accepts({ births })).toBe(false);
    expect(accepts({ positions: positions("\0"), births, moves: [move] })).toBe(false);
    const deleting = new Writer().u8(4).varint(1).varint(0).varint(0).toBytes();
    expect(accepts({ positions: deleting, deletes: [{ target: { actor: undefined, counter: 1 }, length: 1 }] })).toBe(
      false,
    );
    expect(accepts({})).toBe(false);
  });

  it("names counters within their range, and no more elements than a delta may change", () => {
    const target = (counter: number) => ({ actor: undefined, counter });
    const deletes = (counter: number, length: number) => accepts({ deletes: [{ target: target(counter), length }] });
    expect([deletes(COUNTER_MAX, 1), deletes(COUNTER_MAX, 2), deletes(0, 1)]).toEqual([true, false, false]);
    expect([deletes(1, JOINS_MAX - 1), deletes(1, JOINS_MAX + 1)]).toEqual([true, false]);
    expect(accepts({ sets: [{ target: target(COUNTER_MAX + 1), content: 1 }] })).toBe(false);
  });

  it("cannot part the replicas by giving one position twice", () => {
    const { joins: base } = filled("a", "b");
    const target = (counter: number) => ({ actor: actorOf(1), counter });
    const at = (counter: number) => {
      const state = new TextState();
      state.insert(actorOf(3), 0, "\0".repeat(counter));
      return state.takeJoin() as Uint8Array;
    };
    const forged = [
      encode({ positions: at(1), moves: [{ counter: 1, target: target(1) }] }),
      encode({ positions: at(1), moves: [{ counter: 1, target: target(2) }] }),
      encode({ positions: at(1), births: [{ counter: 1, content: "mine" }] }),
      encode({ sets: [{ target: target(50), content: "unborn" }], deletes: [{ target: target(2), length: 1 }] }),
    ];
    const results = new Set<string>();
    for (const order of [
      [0, 1, 2, 3],
      [3, 2, 1, 0],
      [1, 3, 0, 2],
      [2, 0, 3, 1],
    ]) {
      const document = replicaOf(base);
      for (const i of order) expect(document.apply(forged[i] as Uint8Array, originOf(5, 3)).ok).toBe(true);
      results.add(`${bytesToHex(document.root())} ${JSON.stringify(shown(document))}`);
      expect(edit(document, 9, 4, (list) => list.insert(0, "on"))).toBeDefined();
    }
    expect(results.size).toBe(1);
  });

  it("at the top of the counters does not stop others from inserting beside it", () => {
    const high = COUNTER_LOCAL_MAX + 5;
    const join = new Writer()
      .u8(2)
      .varint(1)
      .varint(8 + 1)
      .varint(high - 1)
      .varint(high)
      .varint(0)
      .toBytes();
    const document = openDocument();
    const applied = document.apply(
      encode({ positions: join, births: [{ counter: high, content: "high" }] }),
      originOf(1, 2),
    );
    expect(applied.ok).toBe(true);
    edit(document, 2, 1, (list) => list.push("low"));
    expect(shown(document).sort()).toEqual(["high", "low"]);
    edit(document, 3, 1, (list) => list.move(0, 1));
    expect(shown(document)).toHaveLength(2);
  });
});
