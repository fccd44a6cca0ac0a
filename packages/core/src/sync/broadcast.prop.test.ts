import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createPrng } from "../base/index.ts";
import type { AuthenticDelta } from "../dag/index.ts";
import { Broadcast, type Neighbour } from "./broadcast.ts";
import { PATIENCE_MAX_MS } from "./limits.ts";
import { VirtualScheduler } from "./testing.ts";

/** A node as far as broadcasting goes: what it holds of each author, in sequence. */
interface Node {
  readonly broadcast: Broadcast;
  readonly heldByActor: Map<string, number>;
  readonly neighbours: Map<number, Neighbour>;
}

/** Nodes joined by links of unlike latency; what is announced and does not come is pulled, as sessions do. */
class Group {
  readonly scheduler = new VirtualScheduler();
  readonly nodes: Node[];
  readonly #prng = createPrng(5);
  pushes = 0;
  duplicates = 0;
  pulls = 0;

  constructor(size: number, edges: readonly (readonly [number, number])[]) {
    const clock = { now: () => this.scheduler.nowMs };
    this.nodes = Array.from({ length: size }, () => {
      const heldByActor = new Map<string, number>();
      const ports = {
        scheduler: this.scheduler,
        clock,
        vector: () => heldByActor,
        members: () => size,
        count: () => {},
      };
      return { broadcast: new Broadcast(ports), heldByActor, neighbours: new Map() };
    });
    for (const [a, b] of edges) {
      this.#link(a, b);
      this.#link(b, a);
    }
  }

  write(author: number): void {
    const delta = this.#make(author, (this.#node(author).heldByActor.get(nameOf(author)) ?? 0) + 1);
    this.#node(author).heldByActor.set(delta.actorKey, delta.sequence);
    this.#node(author).broadcast.broadcast([delta]);
  }

  /** Each author writes so many times, so far apart. */
  writeAll(authors: readonly number[], times: number, apartMs: number): void {
    for (let i = 0; i < times; i++) {
      for (const author of authors) this.write(author);
      this.scheduler.advance(apartMs);
    }
  }

  cut(a: number, b: number): void {
    for (const [at, to] of [
      [a, b],
      [b, a],
    ] as const) {
      const neighbour = this.#node(at).neighbours.get(to);
      this.#node(at).neighbours.delete(to);
      if (neighbour) this.#node(at).broadcast.remove(neighbour);
    }
  }

  hasEverywhere(author: number): boolean {
    const last = this.#node(author).heldByActor.get(nameOf(author));
    return this.nodes.every(({ heldByActor }) => heldByActor.get(nameOf(author)) === last);
  }

  /** The neighbour `to` as node `at` sees it. */
  #link(at: number, to: number): void {
    const delayMs = 1 + this.#prng.below(40);
    const over = (task: () => void): void => {
      if (this.#node(at).neighbours.get(to) !== neighbour) return;
      this.scheduler.after(delayMs, () => this.#node(to).neighbours.has(at) && task());
    };
    const back = (): Neighbour => this.#node(to).neighbours.get(at) as Neighbour;
    const neighbour: Neighbour = {
      push: (deltas) => {
        this.pushes++;
        over(() => this.#arrive(to, at, back(), deltas));
        return true;
      },
      announce: (vector) => over(() => this.#pullLater(to, at, back(), new Map(vector), true)),
      acknowledge: () => {},
      route: (change, actorKeys) => over(() => this.#node(to).broadcast.onRoute(back(), change, actorKeys)),
      isAuthor: (actorKey) => actorKey === nameOf(to),
    };
    this.#node(at).neighbours.set(to, neighbour);
    this.#node(at).broadcast.add(neighbour);
  }

  #arrive(at: number, by: number, from: Neighbour, bytes: readonly Uint8Array[]): void {
    const isNewByActor = new Map<string, boolean>();
    const admitted: AuthenticDelta[] = [];
    for (const delta of bytes.map((one) => this.#make(one[0] as number, one[1] as number))) {
      const { actorKey, sequence } = delta;
      const held = this.#node(at).heldByActor.get(actorKey) ?? 0;
      if (sequence === held + 1) admitted.push(delta);
      if (sequence === held + 1) this.#node(at).heldByActor.set(actorKey, sequence);
      else if (sequence <= held) this.duplicates++;
      // What waits for one before it is asked for where it came from.
      else this.#pullLater(at, by, from, new Map([[actorKey, sequence]]), false);
      isNewByActor.set(actorKey, sequence > held || isNewByActor.get(actorKey) === true);
    }
    this.#node(at).broadcast.onBatch(from, { isNewByActor, admitted: { brought: admitted, released: [] } });
  }

  #pullLater(at: number, by: number, from: Neighbour, vector: ReadonlyMap<string, number>, isLate: boolean): void {
    const { broadcast, heldByActor, neighbours } = this.#node(at);
    this.scheduler.after(broadcast.patience.ms, () => {
      if (!neighbours.has(by)) return;
      for (const [actorKey, sequence] of vector) {
        const held = heldByActor.get(actorKey) ?? 0;
        if (sequence <= held) continue;
        this.pulls++;
        const author = Number(actorKey.slice(1));
        const pulled = Array.from({ length: sequence - held }, (_, i) => this.#make(author, held + 1 + i));
        heldByActor.set(actorKey, sequence);
        broadcast.onPulled(from, { brought: pulled, released: [] }, false);
        if (isLate) broadcast.turnTo(from, [actorKey]);
      }
    });
  }

  #make(author: number, sequence: number): AuthenticDelta {
    const delta = { actorKey: nameOf(author), sequence, bytes: Uint8Array.of(author, sequence) };
    return delta as unknown as AuthenticDelta;
  }

  #node(index: number): Node {
    return this.nodes[index] as Node;
  }
}

function nameOf(author: number): string {
  return `a${author}`;
}

function everyPair(size: number): [number, number][] {
  return Array.from({ length: size }, (_, a) => Array.from({ length: a }, (_, b): [number, number] => [a, b])).flat();
}

const sparse = fc.record({ size: fc.integer({ min: 4, max: 24 }), seed: fc.integer() }).map(({ size, seed }) => {
  const prng = createPrng(seed);
  const ring = Array.from({ length: size }, (_, at): [number, number] => [at, (at + 1) % size]);
  const chords = Array.from({ length: size * 2 }, (): [number, number] => [prng.below(size), prng.below(size)]);
  const named = new Map(
    [...ring, ...chords]
      .filter(([a, b]) => a !== b)
      .map(([a, b]) => [`${Math.min(a, b)} ${Math.max(a, b)}`, [a, b] as const]),
  );
  return { size, edges: [...named.values()] };
});

describe("broadcasting", () => {
  it("among neighbours that are all connected has each author push to all, and nobody forward", () => {
    const group = new Group(8, everyPair(8));
    group.write(3);
    group.scheduler.advance(10_000);
    group.write(3);
    group.scheduler.advance(10_000);
    const before = [group.pushes, group.duplicates];
    for (let i = 0; i < 5; i++) {
      group.write(3);
      group.scheduler.advance(5_000);
    }
    expect(group.hasEverywhere(3)).toBe(true);
    expect([group.pushes - (before[0] ?? 0), group.duplicates - (before[1] ?? 0), group.pulls]).toEqual([35, 0, 0]);
  });

  it("over a sparse graph brings each delta to each node once, after a first round, and without a pull", () => {
    fc.assert(
      fc.property(sparse, fc.integer({ min: 0, max: 3 }), ({ size, edges }, author) => {
        const group = new Group(size, edges);
        for (let i = 0; i < 4; i++) {
          group.write(author);
          group.scheduler.advance(10_000);
        }
        const [pushes, duplicates] = [group.pushes, group.duplicates];
        for (let i = 0; i < 5; i++) {
          group.write(author);
          group.scheduler.advance(2_000);
        }
        expect(group.hasEverywhere(author)).toBe(true);
        expect(group.pushes - pushes).toBe(5 * (size - 1));
        expect(group.duplicates - duplicates).toBe(0);
        expect(group.pulls).toBe(0);
      }),
      { seed: 11, numRuns: 60 },
    );
  });

  it("finds another way when links go, and is at rest again", () => {
    fc.assert(
      fc.property(sparse, fc.integer(), ({ size, edges }, seed) => {
        const prng = createPrng(seed);
        const group = new Group(size, edges);
        group.writeAll([0, 1], 3, 1_000);
        // The ring stays, so that all remain joined.
        const isRing = ([a, b]: readonly [number, number]): boolean => (a + 1) % size === b || (b + 1) % size === a;
        for (const edge of edges) if (!isRing(edge) && prng.below(2) === 0) group.cut(...edge);
        group.writeAll([0, 1], 20, 500);
        group.scheduler.advance(6 * PATIENCE_MAX_MS);
        expect([0, 1].map((author) => group.hasEverywhere(author))).toEqual([true, true]);
        // At rest: what is written now comes by push alone.
        const pulls = group.pulls;
        group.writeAll([0, 1], 8, 5_000);
        expect([0, 1].map((author) => group.hasEverywhere(author))).toEqual([true, true]);
        expect(group.pulls).toBe(pulls);
      }),
      { seed: 12, numRuns: 40 },
    );
  });
});
