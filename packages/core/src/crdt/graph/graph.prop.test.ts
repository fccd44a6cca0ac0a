import { describe, expect, it } from "vitest";
import { historiesOf } from "../../../../../tools/property-runs.ts";
import { bytesToHex, createPrng, type Prng, type Stamp } from "../../base/index.ts";
import { Document } from "../document.ts";
import { actorOf, memberOf } from "../reference/draw.ts";
import { MemorySource } from "../reference/memory-source.ts";
import type { WrittenDelta } from "../reference/written-deltas.ts";
import type { Transaction } from "../transaction.ts";
import { edgeKey, keyToEdge } from "./graph-key.ts";

type GraphType = "graph" | "remove-wins-graph";

const SET_TYPES = { graph: "set", "remove-wins-graph": "remove-wins-set" } as const;
const IDS = ["a", "b", "c", "d"];
const LABELS = ["", "x"];

/** Does the same to a graph and to a set of its vertices and edges, which is proved elsewhere. */
function operate(tx: Transaction, type: GraphType, prng: Prng): void {
  const graph = tx.field(type, "g");
  const set = tx.field(SET_TYPES[type], "s");
  const [source, target, label] = [prng.pick(IDS), prng.pick(IDS), prng.pick(LABELS)];
  switch (prng.below(5)) {
    case 0:
    case 1:
      graph.addVertex(source);
      set.add(source);
      break;
    case 2:
      if (graph.removeVertex(source)) set.delete(source);
      break;
    case 3:
      if (!graph.has(source) || !graph.has(target)) return;
      graph.addEdge(source, target, label);
      set.add(edgeKey(source, target, label));
      break;
    default:
      if (graph.removeEdge(source, target, label)) set.delete(edgeKey(source, target, label));
  }
}

class Replica {
  readonly source: MemorySource = new MemorySource();
  readonly deltas: WrittenDelta[] = [];
  document: Document = new Document(this.source);
  readonly #index: number;
  readonly #type: GraphType;

  constructor(index: number, type: GraphType) {
    this.#index = index;
    this.#type = type;
  }

  write(prng: Prng): void {
    const stamp = (this.document.lastStamp + 1 + prng.below(2)) as Stamp;
    const origin = { stamp, actor: actorOf(this.#index), member: memberOf(this.#index) };
    const tx = this.document.begin(origin);
    for (let count = 1 + prng.below(5); count > 0; count--) operate(tx, this.#type, prng);
    if (prng.chance(0.2)) {
      tx.rollback();
      return;
    }
    const joins = tx.commit();
    if (joins !== undefined) this.deltas.push({ joins, origin });
  }

  pull(from: Replica, prng: Prng): void {
    for (const delta of from.deltas) {
      const isKnown = this.deltas.includes(delta);
      if (isKnown && prng.chance(0.8)) continue;
      expect(this.document.apply(delta.joins, delta.origin)).toEqual({ ok: true, value: { void: 0 } });
      if (!isKnown) this.deltas.push(delta);
    }
  }

  rest(prng: Prng): void {
    if (prng.chance(0.4)) this.source.put(this.document.takeDirty());
    if (prng.chance(0.3)) this.document.root();
    if (prng.chance(0.3)) this.document.release();
  }

  /** Shows the vertices of the set, and its edges that have both ends. */
  check(): string {
    const graph = this.document.field(this.#type, "g");
    const elements = this.document.field(SET_TYPES[this.#type], "s").values() as string[];
    const vertices = elements.filter((key) => keyToEdge(key) === undefined);
    const edges = elements.flatMap((key) => keyToEdge(key) ?? []);
    const shown = edges.filter(({ source, target }) => vertices.includes(source) && vertices.includes(target));
    expect([graph.vertices(), graph.edges()]).toEqual([vertices, shown]);
    for (const id of IDS) {
      expect(graph.outgoing(id)).toEqual(shown.filter(({ source }) => source === id));
      expect(graph.incoming(id)).toEqual(shown.filter(({ target }) => target === id));
    }
    return JSON.stringify([vertices, shown]);
  }
}

function runHistory(seed: number, type: GraphType): void {
  const prng = createPrng(seed);
  const replicas = [1, 2, 3].map((index) => new Replica(index, type));
  for (let step = 0; step < 30; step++) {
    const replica = prng.pick(replicas);
    if (prng.chance(0.6)) replica.write(prng);
    else replica.pull(prng.pick(replicas), prng);
    replica.rest(prng);
    if (prng.chance(0.3)) replica.check();
  }
  for (const replica of replicas) for (const other of replicas) replica.pull(other, prng);
  const ends = replicas.map((replica) => {
    const shown = replica.check();
    replica.source.put(replica.document.takeDirty());
    const root = bytesToHex(replica.document.root());
    replica.document = new Document(replica.source);
    expect(replica.check()).toBe(shown);
    return root + shown;
  });
  expect(new Set(ends).size).toBe(1);
}

describe.each(["graph", "remove-wins-graph"] as const)("random histories of three replicas of a %s", (type) => {
  it("show what a set of its vertices and edges shows", () => {
    for (let seed = 1; seed <= historiesOf(60); seed++) {
      try {
        runHistory(seed, type);
      } catch (failure) {
        throw new Error(`seed ${seed}`, { cause: failure });
      }
    }
  });
});
