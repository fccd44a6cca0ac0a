import { createMemoryStore } from "@dunlin/store/memory";
import { describe, expect, it } from "vitest";
import {
  bytesToHex,
  createPrng,
  type DeltaId,
  type KeyValueStore,
  must,
  nextStamp,
  type Prng,
  type Signer,
  STAMP_ZERO,
  type Turns,
} from "../base/index.ts";
import { createCrypto } from "../crypto/index.ts";
import { auditContext } from "./audit.ts";
import type { RunCall } from "./call.ts";
import { Replica } from "./replica.ts";
import { Author, START_MS, testGenesis, testPorts } from "./testing.ts";

/** One store that several have open: turns in the order they were asked for, news at each commit of another. */
class SharedStore {
  readonly disk: KeyValueStore = createMemoryStore();
  readonly #listeners = new Map<Turns, Set<() => void>>();
  #last: Promise<void> = Promise.resolve();
  holder: Turns | undefined;

  open(): KeyValueStore {
    const { disk } = this;
    const turns = this.#turns();
    return {
      turns,
      get: (key) => disk.get(key),
      range: (options) => disk.range(options),
      load: (miss) => disk.load(miss),
      get version() {
        return disk.version;
      },
      commit: (batch) => {
        expect(this.holder).toBe(turns);
        const done = disk.commit(batch);
        for (const [other, listeners] of this.#listeners) {
          if (other !== turns) for (const listener of listeners) listener();
        }
        return done;
      },
      [Symbol.asyncDispose]: async () => {},
    };
  }

  #turns(): Turns {
    let release = (): void => {};
    const listeners = new Set<() => void>();
    const turns: Turns = {
      enter: async () => {
        const before = this.#last;
        this.#last = new Promise((resolve) => {
          release = resolve;
        });
        await before;
        this.holder = turns;
      },
      leave: () => {
        this.holder = undefined;
        release();
      },
      onNews: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    };
    this.#listeners.set(turns, listeners);
    return turns;
  }
}

const crypto = createCrypto();
const signer: Signer = crypto.createSigner(createPrng(1).bytes(32));
const genesis = testGenesis(signer, 2);

async function openTab(shared: SharedStore, seed: number): Promise<Replica> {
  const options = { context: genesis.context, signer, place: "here" };
  const opened = await Replica.open(testPorts(shared.open(), seed), options);
  if (!opened.ok) throw new Error(opened.error.message);
  return opened.value;
}

async function openTabs(shared: SharedStore, count: number): Promise<Replica[]> {
  const tabs = await Promise.all(Array.from({ length: count }, (_, i) => openTab(shared, 10 + i)));
  const first = must(tabs[0], "a tab");
  await first.inTurn(() => first.admit(genesis.bytes));
  await first.settled();
  return tabs;
}

const adds =
  (amount: number): RunCall<null> =>
  (transaction) => {
    transaction.field("counter", "votes").add(amount);
    return { ok: true, value: null, events: [] };
  };

const types =
  (at: number, text: string): RunCall<null> =>
  (transaction) => {
    const body = transaction.field("text", "body");
    body.insert(Math.min(at, body.length), text);
    return { ok: true, value: null, events: [] };
  };

describe("replicas that share a store", () => {
  it("lose no increment, and write as one actor without a gap", async () => {
    const shared = new SharedStore();
    const [left, right] = (await openTabs(shared, 2)) as [Replica, Replica];
    for (let i = 0; i < 20; i++) {
      const results = await Promise.all([left.call(adds(1)), right.call(adds(1)), right.call(adds(1))]);
      expect(results.map(({ ok }) => ok)).toEqual([true, true, true]);
    }
    await Promise.all([left, right].map((tab) => tab.inTurn(() => {})));
    for (const tab of [left, right]) {
      expect(tab.document.field("counter", "votes").value()).toBe(60);
      expect(tab.access().actorsByMember.size).toBe(1);
    }
    expect(left.vector()).toEqual(right.vector());
    expect(left.vector().size).toBe(2);
    const audited = auditContext(crypto, shared.disk, genesis.context);
    expect(audited.ok && audited.value).toBeTruthy();
  });

  it("go over to a checkpoint together, whichever makes it", async () => {
    const shared = new SharedStore();
    const [left, right] = (await openTabs(shared, 2)) as [Replica, Replica];
    const sets =
      (from: number, to: number, value: number | undefined): RunCall<null> =>
      (transaction) => {
        const map = transaction.field("map", "m");
        for (let i = from; i < to; i++) if (value === undefined) map.delete(`k${i}`);
        for (let i = from; i < to; i++) if (value !== undefined) map.set(`k${i}`, value);
        return { ok: true, value: null, events: [] };
      };
    await left.call(sets(0, 40, 1));
    await right.inTurn(() => {});
    expect(right.document.field("map", "m").keys()).toHaveLength(40);
    await left.call(sets(5, 40, undefined));
    expect(await left.checkpoints.compact()).toEqual({ ok: true, value: { state: "compacted", cells: 35 } });
    await right.call(sets(3, 5, undefined));
    expect(right.checkpoints.applied?.key).toBe(left.checkpoints.applied?.key);
    expect(await right.checkpoints.compact()).toEqual({ ok: true, value: { state: "compacted", cells: 2 } });
    await left.call(sets(0, 1, 7));
    for (const tab of [left, right]) {
      await tab.inTurn(() => {});
      expect(tab.document.field("map", "m").keys()).toHaveLength(3);
      expect(tab.checkpoints.chain).toHaveLength(2);
    }
    const audit = auditContext(crypto, shared.disk, genesis.context);
    expect(audit).toMatchObject({ ok: true, value: { root: bytesToHex(left.document.root()) } });
    expect(bytesToHex(right.document.root())).toBe(bytesToHex(left.document.root()));
  });

  it("tell each other's commits, once each", async () => {
    const shared = new SharedStore();
    const [left, right] = (await openTabs(shared, 2)) as [Replica, Replica];
    const told: string[] = [];
    right.onCommit(({ deltas }) => told.push(...deltas.map(({ delta }) => delta.key)));
    await left.call(adds(1));
    await left.call(adds(1));
    await right.call(adds(1));
    expect(told).toHaveLength(new Set(told).size);
    expect(told.length).toBeGreaterThanOrEqual(3);
    expect(right.document.field("counter", "votes").value()).toBe(3);
  });

  it("gives the turn away as soon as nothing is under way", async () => {
    const shared = new SharedStore();
    const [left] = (await openTabs(shared, 1)) as [Replica];
    expect(shared.holder).toBeUndefined();
    await left.call(adds(1));
    await left.settled();
    expect(shared.holder).toBeUndefined();
    const read: RunCall<number> = (transaction) => ({
      ok: true,
      value: transaction.field("counter", "votes").value(),
      events: [],
    });
    expect(await left.call(read)).toMatchObject({ ok: true, value: { value: 1 } });
    expect(shared.holder).toBeUndefined();
    // A call that wrote nothing has used its stamp up, though the clock stands still.
    expect(await left.call(adds(1))).toMatchObject({ ok: true });
    await left.close();
    expect(await left.call(adds(1))).toMatchObject({ ok: false, error: { code: "REPLICA_CLOSED" } });
  });

  it("admits in a turn alone, and lets go what waited for another's", async () => {
    const shared = new SharedStore();
    const [left, right] = (await openTabs(shared, 2)) as [Replica, Replica];
    const author = new Author(genesis.context, signer, 9);
    const root = { id: left.flushed.heads[0] as DeltaId, stamp: nextStamp(STAMP_ZERO, START_MS - 1_000_000) };
    const stamp = nextStamp(STAMP_ZERO, START_MS);
    const entry = author.entry(stamp, (transaction) => transaction.field("counter", "votes").add(5));
    const first = author.write([root], { stamp, entries: [entry] });
    const second = author.write([first]);
    expect(() => right.admit(first.bytes)).toThrow("in its turn");
    expect((await right.inTurn(() => right.admit(second.bytes))).kind).toBe("pending");
    expect((await left.inTurn(() => left.admit(first.bytes))).kind).toBe("admitted");
    await left.settled();
    await right.inTurn(() => {});
    await right.settled();
    expect(right.pendingSize).toBe(0);
    expect(right.has(second.key)).toBe(true);
    await left.inTurn(() => {});
    expect(left.has(second.key)).toBe(true);
    expect(left.document.field("counter", "votes").value()).toBe(5);
  });

  it("equal each other and their log after any interleaving", async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const shared = new SharedStore();
      const tabs = await openTabs(shared, 3);
      const votes = await writeAtRandom(tabs, createPrng(seed));
      for (const tab of tabs) await tab.inTurn(() => {});
      for (const tab of tabs) expect(tab.document.field("counter", "votes").value()).toBe(votes);
      expect(new Set(tabs.map((tab) => tab.document.field("text", "body").toString())).size).toBe(1);
      expect(new Set(tabs.map((tab) => String(tab.document.root()))).size).toBe(1);
      const audited = auditContext(crypto, shared.disk, genesis.context);
      expect(audited.ok ? "" : audited.error.message, `seed ${seed}`).toBe("");
    }
  });
});

async function writeAtRandom(tabs: readonly Replica[], prng: Prng): Promise<number> {
  const calls: Promise<unknown>[] = [];
  let votes = 0;
  for (let i = 0; i < 40; i++) {
    const tab = must(tabs[prng.below(tabs.length)], "a tab");
    const amount = prng.below(9);
    votes += amount;
    calls.push(tab.call(adds(amount)), tab.call(types(prng.below(20), String.fromCharCode(97 + prng.below(26)))));
    for (let turns = prng.below(6); turns > 0; turns--) await Promise.resolve();
    // Whoever is asked for its root keeps a hash tree, which others' commits make stale.
    if (prng.chance(0.3)) expect(tab.flushed.root?.length ?? 32).toBe(32);
    if (prng.chance(0.2)) await Promise.all(calls);
  }
  await Promise.all(calls);
  return votes;
}
