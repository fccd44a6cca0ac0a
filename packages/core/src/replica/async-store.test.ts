import { createAsyncMemoryStore, createMemoryStore } from "@dunlin/store/memory";
import { expect, it } from "vitest";
import { bytesToHex, createPrng, type KeyValueStore, Miss } from "../base/index.ts";
import { createCrypto } from "../crypto/index.ts";
import { Replica } from "./replica.ts";
import { testGenesis, testPorts } from "./testing.ts";

const signer = createCrypto().createSigner(createPrng(7).bytes(32));

async function open(store: KeyValueStore, genesis: { context: Replica["context"] }, seed: number): Promise<Replica> {
  const opened = await Replica.open(testPorts(store, seed), { context: genesis.context, signer, place: `${seed}` });
  if (!opened.ok) throw new Error(opened.error.message);
  return opened.value;
}

async function write(replica: Replica, from: number, to: number): Promise<void> {
  for (let i = from; i < to; i++) {
    const receipt = await replica.call((transaction) => {
      transaction.field("map", "settings").set(`key-${i % 40}`, i);
      transaction.field("text", "body").insert(0, `${i} `);
      transaction.field("set", "tags").add(i % 7);
      return { ok: true, value: null, events: [] };
    });
    expect(receipt.ok).toBe(true);
  }
}

/** Loads pages that hold nothing of a context until those of the context are gone. */
async function evictPages(store: KeyValueStore): Promise<void> {
  for (let i = 1; i <= 8; i++) await store.load(new Miss({ gte: Uint8Array.of(0, i), lt: Uint8Array.of(0, i, 1) }));
}

/** Asks until the pages that it takes are loaded. */
async function rootOf(replica: Replica): Promise<Uint8Array> {
  for (;;) {
    const { root } = replica.flushed;
    if (root !== undefined) return root;
    await Promise.resolve();
  }
}

it("calls and admits the same over a store whose pages must be loaded", async () => {
  const genesis = testGenesis(signer, 1);
  const writer = await open(createMemoryStore(), genesis, 2);
  writer.admit(genesis.bytes);
  await write(writer, 0, 120);

  const slow = createAsyncMemoryStore({ pageEntries: 4, pagesMax: 6 });
  const first = await open(slow, genesis, 3);
  first.admit(genesis.bytes);
  await first.settled();
  await write(first, 1_000, 1_060);
  await first.close();
  const second = await open(slow, genesis, 3);
  await evictPages(slow);
  let misses = 0;
  for (const delta of writer.missingFrom(new Map(), Number.MAX_SAFE_INTEGER).deltas) {
    const outcome = second.admit(delta);
    if (outcome.kind === "admitted" && outcome.miss) misses++;
  }
  while (!second.has(Array.from(writer.flushed.heads[0] as Uint8Array, (byte) => String.fromCharCode(byte)).join(""))) {
    await Promise.resolve();
  }
  await second.settled();
  await write(second, 2_000, 2_010);
  expect(misses).toBeGreaterThan(0);

  for (let more = true; more; await Promise.resolve()) {
    const page = second.missingFrom(writer.vector(), Number.MAX_SAFE_INTEGER);
    for (const delta of page.deltas) writer.admit(delta);
    more = page.more;
  }
  await writer.settled();
  expect(bytesToHex(await rootOf(writer))).toBe(bytesToHex(await rootOf(second)));
});
