/** A call that had to load a page, and a commit that is sealed in the very turns in which it goes on. */
import { createAsyncMemoryStore, createMemoryStore } from "@dunlin/store/memory";
import { expect, it } from "vitest";
import { type KeyValueStore, Miss, type WriteOperation } from "../base/index.ts";
import { createCrypto } from "../crypto/index.ts";
import { auditContext } from "./audit.ts";
import { Replica } from "./replica.ts";
import { testGenesis, testPorts } from "./testing.ts";

const crypto = createCrypto();
const signer = crypto.createSigner(new Uint8Array(32).fill(9));

it.each([0, 1, 2, 3, 4, 5, 6])(
  "never writes the cells of a call before its delta, when another call comes %i turns after the page",
  async (turns) => {
    const genesis = testGenesis(signer, 3);
    const pages = createAsyncMemoryStore({ pageEntries: 1, pagesMax: 1 });
    /** All that was committed, which answers at once: after each commit it is as a crash would leave it. */
    const crashed = createMemoryStore();
    const damage: string[] = [];
    let onLoad: () => void = () => {};
    const store: KeyValueStore = {
      get: (key) => pages.get(key),
      range: (range) => pages.range(range),
      get version() {
        return pages.version;
      },
      commit: async (batch: readonly WriteOperation[]) => {
        void crashed.commit(batch);
        const audited = auditContext(crypto, crashed, genesis.context);
        if (!audited.ok) damage.push(audited.error.message);
        await pages.commit(batch);
      },
      load: async (miss: Miss) => {
        await pages.load(miss);
        onLoad();
      },
      [Symbol.asyncDispose]: () => pages[Symbol.asyncDispose](),
    };
    const open = async (seed: number): Promise<Replica> => {
      const opened = await Replica.open(testPorts(store, seed), { context: genesis.context, signer, place: `${seed}` });
      if (!opened.ok) throw new Error(opened.error.message);
      return opened.value;
    };
    const put = (replica: Replica, field: string) =>
      replica.call((transaction) => {
        transaction.field("map", field).set("key", field);
        return { ok: true, value: null, events: [] };
      });
    const first = await open(4);
    first.admit(genesis.bytes);
    await first.settled();
    await put(first, "a");
    await put(first, "b");
    await first.close();

    const replica = await open(4);
    // The cells of "b" are in memory, those of "a" are not.
    await put(replica, "b");
    for (let i = 1; i <= 3; i++) await pages.load(new Miss({ gte: Uint8Array.of(0, i), lt: Uint8Array.of(0, i, 1) }));
    let other: Promise<unknown> | undefined;
    onLoad = () => {
      other ??= (async () => {
        for (let i = 0; i < turns; i++) await Promise.resolve();
        await put(replica, "b");
      })();
    };
    await put(replica, "a");
    await other;
    await replica.settled();
    expect(other).toBeDefined();
    expect(damage).toEqual([]);
  },
);
