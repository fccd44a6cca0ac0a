import { createPrng } from "@dunlin/core/base";
import { expect, it } from "vitest";
import { MESH_PEERS_MAX, NEIGHBOUR_STALE_MS, NEIGHBOURS_PER_GROUP } from "./limits.ts";
import { Neighbours } from "./neighbours.ts";

const peersOf = (size: number) => Array.from({ length: size }, (_, i) => `peer-${i}`);

function open(seed: number) {
  const prng = createPrng(seed);
  const state = { nowMs: 0, down: new Set<string>() };
  const neighbours = new Neighbours({
    random: { bytes: (length) => prng.bytes(length) },
    isConnected: (peer) => !state.down.has(peer),
    nowMs: () => state.nowMs,
  });
  return { neighbours, state };
}

it("keeps everybody of a small group, and a few of a large one, which stay", () => {
  const { neighbours, state } = open(1);
  const small = peersOf(MESH_PEERS_MAX);
  expect([...neighbours.choose(new Map([["small", small]]))]).toEqual(small);
  const groups = new Map([["large", peersOf(MESH_PEERS_MAX + 1)]]);
  const first = neighbours.choose(groups);
  expect(first.size).toBe(NEIGHBOURS_PER_GROUP);
  state.nowMs += 10 * NEIGHBOUR_STALE_MS;
  expect(neighbours.choose(groups)).toEqual(first);
});

it("gives the place of one that cannot be reached to another, once it has been so for a while", () => {
  const { neighbours, state } = open(2);
  const groups = new Map([["large", peersOf(50)]]);
  const [gone = ""] = neighbours.choose(groups);
  state.down.add(gone);
  state.nowMs += NEIGHBOUR_STALE_MS - 1;
  expect(neighbours.choose(groups).has(gone)).toBe(true);
  state.nowMs += 1;
  const next = neighbours.choose(groups);
  expect(next.has(gone)).toBe(false);
  expect(next.size).toBe(NEIGHBOURS_PER_GROUP);
});

it("does not let a large group take neighbours from a small one that shares them", () => {
  const { neighbours } = open(3);
  const small = ["peer-7", "peer-8"];
  const chosen = neighbours.choose(
    new Map([
      ["large", peersOf(50)],
      ["small", small],
    ]),
  );
  for (const peer of small) expect(chosen.has(peer)).toBe(true);
});

it("joins groups of a hundred", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const size = 100;
    const linked = peersOf(size).map(() => new Set<number>());
    for (let at = 0; at < size; at++) {
      const others = peersOf(size).filter((peer) => peer !== `peer-${at}`);
      for (const peer of open(seed * 1000 + at).neighbours.choose(new Map([["large", others]]))) {
        const to = Number(peer.slice(5));
        linked[at]?.add(to);
        linked[to]?.add(at);
      }
    }
    const reached = new Set([0]);
    for (const at of reached) for (const to of linked[at] ?? []) reached.add(to);
    expect(reached.size).toBe(size);
  }
});
