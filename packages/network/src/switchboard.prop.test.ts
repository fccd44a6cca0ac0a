/**
 * Two switchboards joined by connections in memory: any order of openings, deliveries and losses must leave both with
 * the same session, or both with none.
 */
import { createPrng, type PeerId, type Prng, peerId, silentLog } from "@dunlin/core/base";
import { describe, expect, it } from "vitest";
import { KEEP_ALIVE_MS } from "./limits.ts";
import { Switchboard, type Wire } from "./switchboard.ts";
import { createPipePair, type PipeEnd } from "./testing/pipe-pair.ts";
import { seededRandom } from "./testing/ports.ts";
import { createVirtualTime, type VirtualTime } from "./testing/virtual-time.ts";

const PEERS = [peerId("a"), peerId("b")] as const;
type Side = 0 | 1;

interface Join {
  readonly wires: readonly [Wire, Wire];
  readonly pipes: readonly [PipeEnd, PipeEnd];
  readonly attached: [boolean, boolean];
  /** Nothing passes any more, and neither side is told. */
  dead: boolean;
}

interface World {
  readonly time: VirtualTime;
  readonly boards: readonly [Switchboard, Switchboard];
  readonly joins: Join[];
  /** "+" and "-" for connects and disconnects, and the frames, per side. */
  readonly logs: readonly [string[], string[]];
}

function createWorld(seed: number): World {
  const time = createVirtualTime();
  const logs: [string[], string[]] = [[], []];
  const createBoard = (side: Side): Switchboard =>
    new Switchboard({
      self: PEERS[side],
      events: {
        onConnect: () => logs[side].push("+"),
        onDisconnect: () => logs[side].push("-"),
        onFrame: (_, frame) => logs[side].push(String(frame[0])),
      },
      scheduler: time,
      random: seededRandom(seed * 2 + side),
      log: silentLog,
      connectionsMax: 10,
    });
  return { time, boards: [createBoard(0), createBoard(1)], joins: [], logs };
}

function openJoin({ boards, joins }: World): void {
  const pipes = createPipePair((end) => boards[end].closed(wires[end]));
  const createWire = (side: Side, peer: PeerId): Wire => ({
    peer,
    inbound: side === 1,
    destroy: (code) => pipes[side].destroy(code),
  });
  const wires = [createWire(0, PEERS[1]), createWire(1, PEERS[0])] as const;
  joins.push({ wires, pipes, attached: [false, false], dead: false });
  boards[0].opened(wires[0]);
  boards[1].opened(wires[1]);
}

/** One thing that the network may do next on one side of one connection. False: nothing to do there. */
function stepJoin({ boards }: World, join: Join, side: Side): boolean {
  if (join.dead || join.pipes[side].destroyedWith !== undefined) return false;
  if (!join.attached[side]) {
    join.attached[side] = true;
    boards[side].attached(join.wires[side], join.pipes[side]);
    return true;
  }
  return join.pipes[side].deliver();
}

function settle(world: World): void {
  let moved = true;
  while (moved) {
    moved = false;
    for (const join of world.joins) for (const side of [0, 1] as const) moved = stepJoin(world, join, side) || moved;
  }
}

function stepRandom(world: World, prng: Prng, lossy: boolean): void {
  const live = world.joins.filter((join) => !join.dead);
  if (live.length === 0 || (prng.chance(0.15) && live.length < 3)) {
    openJoin(world);
    return;
  }
  const join = prng.pick(live);
  const side = prng.below(2) as Side;
  if (lossy && prng.chance(0.05)) {
    join.dead = prng.chance(0.5);
    join.pipes[side].destroy("PEER_CLOSED");
    return;
  }
  stepJoin(world, join, side);
}

function expectAlternating(log: readonly string[]): void {
  let connected = false;
  for (const entry of log) {
    expect(connected).toBe(entry !== "+");
    connected = entry !== "-";
  }
}

async function expectOneSession(world: World, frames: string): Promise<void> {
  const [a, b] = world.boards;
  expect([a.peers(), b.peers()]).toEqual([[PEERS[1]], [PEERS[0]]]);
  expect([a.send(PEERS[1], Uint8Array.of(7)), b.send(PEERS[0], Uint8Array.of(8))]).toEqual(["queued", "queued"]);
  await Promise.resolve();
  settle(world);
  expect(world.logs.map((log) => log.at(-1)).join()).toBe(frames);
  expect([a.connections, b.connections]).toEqual([1, 1]);
}

describe("switchboards", () => {
  it("agree on one of several connections, without a disconnect, in any order of events", async () => {
    for (let seed = 1; seed <= 300; seed++) {
      const world = createWorld(seed);
      const prng = createPrng(seed);
      for (let i = 1 + prng.below(3); i > 0; i--) openJoin(world);
      for (let step = 0; step < 30; step++) {
        const join = prng.pick(world.joins);
        stepJoin(world, join, prng.below(2) as Side);
      }
      settle(world);
      expect(world.logs, `seed ${seed}`).toEqual([["+"], ["+"]]);
      await expectOneSession(world, "8,7");
    }
  });

  it("agree again after losses that only one side saw, once dead peers are given up", async () => {
    for (let seed = 1; seed <= 300; seed++) {
      const world = createWorld(seed);
      const prng = createPrng(seed);
      for (let step = 0; step < 80; step++) stepRandom(world, prng, true);
      for (let period = 0; period < 6; period++) {
        settle(world);
        world.time.advance(KEEP_ALIVE_MS);
      }
      settle(world);
      if (world.boards[0].peers().length === 0) openJoin(world);
      settle(world);
      await expectOneSession(world, "8,7");
      for (const log of world.logs) expectAlternating(log);
    }
  });

  it("take a peer back at once when only that peer saw the loss", () => {
    for (const loser of [0, 1] as const) {
      const world = createWorld(loser);
      openJoin(world);
      settle(world);
      const [join] = world.joins;
      if (join !== undefined) join.dead = true;
      join?.pipes[loser].destroy("PEER_CLOSED");
      openJoin(world);
      settle(world);
      // Once more, for nothing: the session is known by the token that it was made with.
      openJoin(world);
      settle(world);
      expect(world.logs).toEqual([
        ["+", "-", "+"],
        ["+", "-", "+"],
      ]);
      expect(world.boards.map((board) => board.connections)).toEqual([1, 1]);
    }
  });

  it("close a connection whose stream or greeting does not come, and leave no timer", () => {
    const world = createWorld(1);
    openJoin(world);
    stepJoin(world, world.joins[0] as Join, 0);
    world.time.advance(10_000);
    settle(world);
    expect(world.boards.map((board) => board.connections)).toEqual([0, 0]);
    expect(world.boards[0].stats().cuts).toEqual({ HELLO_TIMEOUT: 1 });
    expect(world.time.pending).toBe(0);
  });

  it("keep a quarter of the connections for their own dials", () => {
    const board = createWorld(1).boards[0];
    let refused = 0;
    const open = (number: number, inbound: boolean): void =>
      board.opened({
        peer: peerId(`peer ${number}`),
        inbound,
        destroy: () => {
          refused++;
        },
      });
    for (let i = 0; i < 10; i++) open(i, true);
    expect([board.connections, refused]).toEqual([8, 2]);
    for (let i = 10; i < 14; i++) open(i, false);
    expect([board.connections, refused]).toEqual([10, 4]);
    expect(board.stats().cuts).toEqual({ CONNECTIONS_TOO_MANY: 4 });
  });

  it("refuse a peer's connections above the limit, and all when they close", () => {
    const world = createWorld(1);
    for (let i = 0; i < 5; i++) openJoin(world);
    expect(world.boards.map((board) => board.connections)).toEqual([4, 4]);
    expect(world.boards[0].stats().cuts).toEqual({ CONNECTIONS_TOO_MANY: 1 });
    for (const board of world.boards) {
      board.beginClose();
      board.endClose();
    }
    openJoin(world);
    expect(world.boards.map((board) => board.connections)).toEqual([0, 0]);
    expect(world.time.pending).toBe(0);
  });
});
