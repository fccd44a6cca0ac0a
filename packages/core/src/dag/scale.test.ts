/**
 * Deep, wide and backwards: nothing recurses, and the work is in proportion. Sizes are those of every change;
 * `npm run verify` sets DUNLIN_DAG_SIZE to a million.
 */
import { describe, expect, it } from "vitest";
import { idKey, must } from "../base/index.ts";
import type { AuthenticDelta, DeltaHeader } from "./delta.ts";
import { Graph } from "./graph.ts";
import { PENDING_DELTAS_PER_ACTOR_MAX } from "./limits.ts";
import { Pending, type Waiting } from "./pending.ts";
import type { Proven } from "./proof.ts";

const SIZE = Number(process.env["DUNLIN_DAG_SIZE"] ?? 10_000);
const ACTOR = idKey(new Uint8Array(16).fill(1));

function keyAt(n: number): string {
  const id = new Uint8Array(32);
  new DataView(id.buffer).setUint32(0, n + 1);
  return idKey(id);
}

function header(n: number, sequence: number, actorKey = ACTOR): DeltaHeader {
  const id = new Uint8Array(32);
  new DataView(id.buffer).setUint32(0, n + 1);
  const actor = new Uint8Array(16).fill(1);
  return { id, key: keyAt(n), actor, actorKey, sequence, stamp: n + 1 } as unknown as DeltaHeader;
}

function chainOf(length: number): Graph {
  const graph = new Graph();
  for (let n = 0; n < length; n++) {
    const [parents, prev] = n === 0 ? [[], undefined] : [[n - 1], n - 1];
    graph.append(header(n, n + 1), { parents, prev, isSigned: true, isBare: false });
  }
  return graph;
}

describe(`a graph of ${SIZE}`, () => {
  it("deep: takes a chain, and gives what a peer lacks of it a page at a time", () => {
    const graph = chainOf(SIZE);
    expect([graph.heads(), graph.vector().get(ACTOR)]).toEqual([[SIZE - 1], SIZE]);
    let taken = 0;
    for (let at = 0; at < SIZE; ) {
      const before = at;
      for (const order of graph.missingFrom(new Map([[ACTOR, at]]))) {
        if (order === at) taken++;
        at++;
        if (at - before === 1_000) break;
      }
    }
    expect(taken).toBe(SIZE);
    expect(graph.ordersOf(ACTOR)).toHaveLength(SIZE);
  });

  it("wide: has as many heads, in order, and one delta takes its share of them away", () => {
    const graph = new Graph();
    graph.append(header(0, 1, "founder"), { parents: [], prev: undefined, isSigned: true, isBare: false });
    for (let n = 1; n <= SIZE; n++) {
      const place = { parents: [0], prev: undefined, isSigned: true, isBare: false };
      graph.append(header(n, 1, `a${n}`), place);
    }
    const heads = graph.heads();
    expect([heads.length, heads[0], heads.at(-1)]).toEqual([SIZE, 1, SIZE]);
    expect(graph.tellingHeadCount).toBe(SIZE);
    const merged = heads.slice(0, 32);
    const place = { parents: merged, prev: 1, isSigned: true, isBare: true };
    graph.append(header(SIZE + 1, 2, "a1"), place);
    expect([graph.heads().length, graph.tellingHeadCount]).toEqual([SIZE - 31, SIZE - 32]);
  });

  it("of forks: knows each pair that follows one delta", () => {
    const graph = chainOf(2);
    const forks = Math.min(SIZE, 5_000);
    for (let n = 2; n < forks + 2; n++) {
      const place = { parents: [0], prev: 0, isSigned: true, isBare: false };
      graph.append(header(n, 2), place);
    }
    expect([graph.forks.length, graph.equivocations.length]).toEqual([forks, forks]);
    expect(graph.equivocations.every(([first]) => first === 1)).toBe(true);
    expect(graph.nextOf(0)).toBe(1);
    expect(graph.ordersOf(ACTOR)).toHaveLength(forks + 2);
  });
});

it("a cascade backwards looks at each waiting delta once, and asks for one at a time", () => {
  const pending = new Pending();
  const count = PENDING_DELTAS_PER_ACTOR_MAX;
  for (let n = count; n >= 1; n--) {
    const delta = { ...header(n, n + 1), bytes: new Uint8Array(80), prevKey: keyAt(n - 1), parentKeys: [keyAt(n - 1)] };
    const proven = { proven: true, delta: delta as unknown as AuthenticDelta, isSigned: true, span: 80 } as const;
    pending.add(proven satisfies Proven, [keyAt(n - 1)], 0);
    if (n % 1_000 === 0) expect(pending.missingFrontier(9).map(idKey)).toEqual([keyAt(n - 1)]);
  }
  let next: string | undefined = keyAt(0);
  for (let n = 1; n <= count; n++) {
    const released: Waiting[] = pending.release(must(next, "the one before"));
    next = released.length === 1 ? released[0]?.delta.key : undefined;
  }
  expect([pending.size, pending.bytes, pending.missingFrontier(9)]).toEqual([0, 0, []]);
});
