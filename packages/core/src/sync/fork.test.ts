import { createMemoryStore } from "@dunlin/store/memory";
import { expect, it } from "vitest";
import {
  applicationId,
  createPrng,
  type KeyValueStore,
  type PeerId,
  peerId,
  silentLog,
  type Transport,
} from "../base/index.ts";
import { createCrypto } from "../crypto/index.ts";
import { createGenesis, Replica } from "../replica/index.ts";
import { rootOf } from "../replica/testing.ts";
import { SyncEngine } from "./engine.ts";
import { TICK_MS } from "./limits.ts";
import { VirtualScheduler } from "./testing.ts";

const crypto = createCrypto();
const signer = crypto.createSigner(createPrng(7).bytes(32));
let now = 1_800_000_000_000;
const clock = { now: () => now++ };
const scheduler = new VirtualScheduler();

function randomOf(seed: number) {
  const prng = createPrng(seed);
  return { bytes: (length: number) => prng.bytes(length) };
}

/** Deltas in each branch of a long fork. */
const BRANCH = 200;

const genesis = createGenesis({ crypto, random: randomOf(1) }, signer, applicationId(new Uint8Array(32)), 1);

async function open(store: KeyValueStore, seed: number): Promise<Replica> {
  const ports = { store, crypto, clock, random: randomOf(seed), log: silentLog };
  const opened = await Replica.open(ports, { context: genesis.context, signer, place: "the same" });
  if (!opened.ok) throw new Error(opened.error.message);
  return opened.value;
}

async function add(replica: Replica, amount: number): Promise<void> {
  const receipt = await replica.call((transaction) => {
    transaction.field("counter", "votes").add(amount);
    return { ok: true, value: null, events: [] };
  });
  expect(receipt.ok).toBe(true);
}

/** Two engines on one queue of frames, delivered by `run` until nothing is under way. */
function link(replicas: readonly [Replica, Replica]): {
  readonly run: () => Promise<void>;
  readonly engines: readonly SyncEngine[];
} {
  const names = [peerId("a"), peerId("b")] as const;
  const queue: { readonly to: 0 | 1; readonly frame: Uint8Array }[] = [];
  const transportOf = (own: 0 | 1): Transport => ({
    self: names[own],
    send: (_peer: PeerId, frame) => {
      queue.push({ to: own === 0 ? 1 : 0, frame });
      return "queued";
    },
    peers: () => [names[own === 0 ? 1 : 0]],
    disconnect: (_peer, reason) => {
      throw new Error(`cut: ${reason}`);
    },
  });
  const engines = ([0, 1] as const).map((own) => {
    const ports = { transport: transportOf(own), crypto, random: randomOf(10 + own), clock, scheduler, log: silentLog };
    const engine = new SyncEngine(ports);
    engine.addContext({ replica: replicas[own], signer });
    return engine;
  }) as [SyncEngine, SyncEngine];
  engines[0].onConnect(names[1]);
  engines[1].onConnect(names[0]);
  const deliver = async (): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      engines[next.to].onFrame(names[next.to === 0 ? 1 : 0], next.frame);
      await Promise.all(replicas.map((replica) => replica.settled()));
    }
  };
  const run = async (): Promise<void> => {
    for (let round = 0; round < 5; round++) {
      await deliver();
      now += TICK_MS;
      scheduler.runAll();
      for (const engine of engines) engine.tick();
    }
    await deliver();
  };
  return { run, engines };
}

it("brings both branches of a fork to both sides, though their version vectors are the same", async () => {
  const store = createMemoryStore();
  const original = await open(store, 2);
  original.admit(genesis.bytes);
  await add(original, 5);
  const clone = await open(createMemoryStore({ image: store.image() }), 3);
  for (const amount of [1, 1, 1]) await add(original, amount);
  for (const amount of [2, 2, 2]) await add(clone, amount);
  expect(original.vector()).toEqual(clone.vector());

  await link([original, clone]).run();
  expect(rootOf(original)).toBe(rootOf(clone));
  expect([original.flushed.count, clone.flushed.count]).toEqual([9, 9]);
  // One of them counted again what the join had lost.
  expect(original.document.field("counter", "votes").value()).toBe(5 + 3 + 6);
  expect([original.forks, clone.forks]).toEqual([3, 3]);
});

it("finds the branches of a long fork by ranges, not one delta after the other", async () => {
  const store = createMemoryStore();
  const original = await open(store, 4);
  original.admit(genesis.bytes);
  await add(original, 5);
  const clone = await open(createMemoryStore({ image: store.image() }), 5);
  for (let i = 0; i < BRANCH; i++) {
    await add(original, 1);
    await add(clone, 2);
  }
  const { run, engines } = link([original, clone]);
  await run();
  expect([original.flushed.count, clone.flushed.count]).toEqual([3 + 2 * BRANCH, 3 + 2 * BRANCH]);
  expect(original.document.field("counter", "votes").value()).toBe(5 + 3 * BRANCH);
  expect(rootOf(original)).toBe(rootOf(clone));
  const pulls = engines.map(({ counters }) => counters.get("sync.frames_pull") ?? 0);
  expect(Math.max(...pulls)).toBeLessThan(BRANCH / 4);
  expect(engines.some(({ counters }) => (counters.get("sync.range_searches") ?? 0) > 0)).toBe(true);
});
