import { describe, expect, it } from "vitest";
import { fuzzDecoder } from "../../../../../tools/fuzz.ts";
import { type ActorId, type DeltaId, deltaId, idKey, type Stamp } from "../../base/index.ts";
import { Graph, type Order } from "../../dag/index.ts";
import { Checkpoints } from "./checkpoints.ts";
import { CHECKPOINT_HEADS_MAX } from "./limits.ts";
import { type CheckpointStatement, decodeCheckpointStatement, encodeCheckpointStatement } from "./statement.ts";

function id(number: number): DeltaId {
  const bytes = new Uint8Array(32);
  new DataView(bytes.buffer).setUint32(0, number);
  return deltaId(bytes);
}

const ROOT = new Uint8Array(32).fill(3);
const STATEMENTS: CheckpointStatement[] = [
  { kind: "checkpoint", predecessor: undefined, root: ROOT, heads: [id(1), id(2)] },
  { kind: "checkpoint", predecessor: id(9), root: ROOT, heads: [id(5)] },
  { kind: "countersign", checkpoint: id(4) },
  { kind: "contradict", checkpoint: id(4), root: ROOT },
];

describe("a statement of checkpoints", () => {
  it("comes back as it went, and nothing else is one", () => {
    for (const statement of STATEMENTS) {
      expect(decodeCheckpointStatement(encodeCheckpointStatement(statement))).toEqual(statement);
    }
    const unsorted = encodeCheckpointStatement({
      kind: "checkpoint",
      predecessor: undefined,
      root: ROOT,
      heads: [id(2), id(1)],
    });
    expect(decodeCheckpointStatement(unsorted)).toBeUndefined();
    const heads = Array.from({ length: CHECKPOINT_HEADS_MAX + 1 }, (_, i) => id(i + 1));
    const wide = (count: number) =>
      encodeCheckpointStatement({
        kind: "checkpoint",
        predecessor: undefined,
        root: ROOT,
        heads: heads.slice(0, count),
      });
    expect(decodeCheckpointStatement(wide(CHECKPOINT_HEADS_MAX))).toBeDefined();
    expect(decodeCheckpointStatement(wide(CHECKPOINT_HEADS_MAX + 1))).toBeUndefined();
    expect(decodeCheckpointStatement(wide(0))).toBeUndefined();
  });

  it("is refused whatever the damage", () => {
    const corpus = STATEMENTS.map(encodeCheckpointStatement);
    const decode = decodeCheckpointStatement;
    const report = fuzzDecoder({
      name: "checkpoint statement",
      seed: 8,
      corpus,
      decode,
      encode: encodeCheckpointStatement,
    });
    expect(report.accepted).toBeGreaterThan(10);
  });
});

interface Said {
  readonly number: number;
  readonly parents: readonly number[];
  readonly member: string;
  readonly statement?: CheckpointStatement;
}

/** What is in effect after these deltas, in this order; members are letters, and all of them write. */
function chainAfter(deltas: readonly Said[], voters: readonly string[]): string[] {
  const graph = new Graph();
  const checkpoints = new Checkpoints({ graph, votersAt: () => new Set(voters) });
  const orders = new Map<number, Order>();
  for (const { number, parents, member, statement } of deltas) {
    const at = id(number);
    const actor = new Uint8Array(16).fill(number) as ActorId;
    const header = {
      id: at,
      key: idKey(at),
      actor,
      actorKey: idKey(actor),
      sequence: 1,
      stamp: number as Stamp,
      parents: [],
      parentKeys: [],
      prev: undefined,
      prevKey: undefined,
      member: undefined,
      cause: undefined,
      isPruned: false,
    };
    const place = {
      parents: parents.map((parent) => orders.get(parent) ?? 0),
      prev: undefined,
      isSigned: true,
      isBare: false,
    };
    const order = graph.append(header, place);
    orders.set(number, order);
    checkpoints.note(at, order, member, statement === undefined ? [] : [encodeCheckpointStatement(statement)]);
    // Asked for after each: what it says must not depend on when it was asked.
    checkpoints.latest;
  }
  return checkpoints.chain.map(({ id: of }) => String(new DataView(of.buffer, of.byteOffset).getUint32(0)));
}

/** Every order in which parents come first. */
function* orders(deltas: readonly Said[], done: readonly Said[] = []): Generator<readonly Said[]> {
  if (deltas.length === 0) yield done;
  const has = new Set(done.map(({ number }) => number));
  for (const next of deltas) {
    if (!next.parents.every((parent) => has.has(parent))) continue;
    yield* orders(
      deltas.filter((delta) => delta !== next),
      [...done, next],
    );
  }
}

function checkpointOf(heads: readonly number[], predecessor?: number): CheckpointStatement {
  return {
    kind: "checkpoint",
    predecessor: predecessor === undefined ? undefined : id(predecessor),
    root: ROOT,
    heads: heads.map(id),
  };
}

function inAllOrders(deltas: readonly Said[], voters: readonly string[]): string[] {
  const chains = new Set<string>();
  let count = 0;
  for (const order of orders(deltas)) {
    chains.add(chainAfter(order, voters).join(" "));
    count++;
  }
  expect(count).toBeGreaterThan(1);
  return [...chains];
}

const sign = (number: number, parents: readonly number[], member: string, checkpoint: number): Said => {
  return { number, parents, member, statement: { kind: "countersign", checkpoint: id(checkpoint) } };
};

describe("what is in effect", () => {
  const write = (number: number, parents: readonly number[], member = "A"): Said => ({ number, parents, member });

  it("is the same in every order of admission, and takes a majority of all three", () => {
    const proposed = { number: 4, parents: [2, 3], member: "A", statement: checkpointOf([2, 3]) };
    const deltas = [write(1, []), write(2, [1]), write(3, [1], "B"), proposed];
    expect(inAllOrders(deltas, ["A", "B", "C"])).toEqual([""]);
    expect(inAllOrders([...deltas, sign(5, [4], "A", 4)], ["A", "B", "C"])).toEqual([""]);
    expect(inAllOrders([...deltas, sign(5, [4], "D", 4)], ["A", "B", "C"])).toEqual([""]);
    // Signed by who does not follow it: the signature may come before what it signs.
    expect(inAllOrders([...deltas, sign(5, [3], "B", 4)], ["A", "B", "C"])).toEqual(["4"]);
    expect(inAllOrders([...deltas, sign(5, [4], "B", 4), sign(6, [4], "C", 4)], ["A", "B", "C"])).toEqual(["4"]);
  });

  it("is a chain, in which each covers the one before", () => {
    const first = { number: 3, parents: [2], member: "A", statement: checkpointOf([2]) };
    const deltas = [write(1, []), write(2, [1]), first, write(4, [1], "B"), sign(5, [3, 4], "B", 3)];
    const less = { number: 6, parents: [4], member: "A", statement: checkpointOf([4], 3) };
    expect(inAllOrders([...deltas, less, sign(7, [6], "B", 6)], ["A", "B"])).toEqual(["3"]);
    const more = { number: 6, parents: [4], member: "A", statement: checkpointOf([2, 4], 3) };
    expect(inAllOrders([...deltas, more, sign(7, [6], "B", 6)], ["A", "B"])).toEqual(["3 6"]);
  });

  it("is one of two that follow the same, though a member signed both", () => {
    const [one, other] = [checkpointOf([2]), checkpointOf([3])];
    const deltas = [write(1, []), write(2, [1]), write(3, [1], "B")];
    const both = [
      { number: 4, parents: [2], member: "A", statement: one },
      { number: 5, parents: [3], member: "B", statement: other },
    ];
    expect(inAllOrders([...deltas, ...both], ["A", "B"])).toEqual([""]);
    expect(inAllOrders([...deltas, ...both, sign(6, [4], "B", 4), sign(7, [5], "A", 5)], ["A", "B"])).toEqual(["4"]);
  });

  it("waits for the heads that it names", () => {
    const ahead = { number: 3, parents: [1], member: "A", statement: checkpointOf([2]) };
    expect(chainAfter([write(1, []), ahead], ["A"])).toEqual([]);
    expect(chainAfter([write(1, []), ahead, write(2, [1])], ["A"])).toEqual(["3"]);
  });
});
