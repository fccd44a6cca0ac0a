import { describe, expect, it } from "vitest";
import { AssertionError, idKey } from "../base/index.ts";
import type { DeltaHeader } from "./delta.ts";
import { Graph, type Order, type Place } from "./graph.ts";

let named = 0;

function header(actor: number, sequence: number, stamp: number): DeltaHeader {
  const id = new Uint8Array(32);
  new DataView(id.buffer).setUint32(0, ++named);
  const actorId = new Uint8Array(16).fill(actor);
  return { id, key: idKey(id), actor: actorId, actorKey: idKey(actorId), sequence, stamp } as unknown as DeltaHeader;
}

/** After these parents, as the actor's first delta or after `prev`. */
const after = (parents: Order[], prev?: Order): Place => ({ parents, prev, isSigned: true, isBare: false });

const actorKey = (actor: number) => idKey(new Uint8Array(16).fill(actor));

/** Two actors: 1 writes a, b; 2 writes c on a, then d on both heads. */
function diamond() {
  const graph = new Graph();
  const [a, b, c, d] = [header(1, 1, 1), header(1, 2, 2), header(2, 1, 2), header(2, 2, 5)];
  const orders: Order[] = [graph.append(a, after([]))];
  orders.push(graph.append(b, after([0], 0)), graph.append(c, after([0])));
  return { graph, a, b, c, d, orders };
}

describe("the graph", () => {
  it("has as heads what nobody names as a parent", () => {
    const { graph, d } = diamond();
    expect(graph.heads()).toEqual([1, 2]);
    graph.append(d, after([1, 2], 2));
    expect(graph.heads()).toEqual([3]);
    expect(graph.stampMax).toBe(5);
  });

  it("knows what a peer lacks, oldest first", () => {
    const { graph, d } = diamond();
    graph.append(d, after([1, 2], 2));
    expect(graph.vector()).toEqual(
      new Map([
        [actorKey(1), 2],
        [actorKey(2), 2],
      ]),
    );
    expect([...graph.missingFrom(new Map())]).toEqual([0, 1, 2, 3]);
    expect([
      ...graph.missingFrom(
        new Map([
          [actorKey(1), 1],
          [actorKey(2), 1],
        ]),
      ),
    ]).toEqual([1, 3]);
    expect([...graph.missingFrom(graph.vector())]).toEqual([]);
    expect(graph.tipOf(actorKey(2))).toBe(3);
    expect(graph.tipOf(actorKey(3))).toBeUndefined();
  });

  it("gives out vectors that do not change", () => {
    const { graph, d } = diamond();
    const before = graph.vector();
    graph.append(d, after([1, 2], 2));
    expect(before.get(actorKey(2))).toBe(1);
    expect(graph.vector().get(actorKey(2))).toBe(2);
  });

  it("keeps both of two deltas with one sequence, and counts the second as a fork", () => {
    const { graph } = diamond();
    const fork = graph.append(header(1, 2, 3), after([0], 0));
    expect(graph.forks).toEqual([fork]);
    expect(graph.vector().get(actorKey(1))).toBe(2);
    expect([
      ...graph.missingFrom(
        new Map([
          [actorKey(1), 1],
          [actorKey(2), 1],
        ]),
      ),
    ]).toEqual([1, fork]);
  });

  it("stops at a delta that comes twice, before its parent's stamp, or out of sequence", () => {
    const { graph, b } = diamond();
    expect(() => graph.append(b, after([0], 0))).toThrow(AssertionError);
    expect(() => graph.append(header(1, 3, 2), after([1], 1))).toThrow(AssertionError);
    expect(() => graph.append(header(1, 3, 9), after([7], 1))).toThrow(AssertionError);
    expect(() => graph.append(header(1, 4, 9), after([1], 1))).toThrow(AssertionError);
  });
});
