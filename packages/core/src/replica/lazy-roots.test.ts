import { createAsyncMemoryStore, createMemoryStore } from "@dunlin/store/memory";
import { expect, it } from "vitest";
import { bytesToHex, type KeyValueStore, type RangeOptions, type WriteOperation } from "../base/index.ts";
import { auditContext } from "./audit.ts";
import { COMMITS_PER_HASHED_MARK, PAGES_PER_COMMIT_MAX } from "./limits.ts";
import { Replica } from "./replica.ts";
import { decodeMeta, tablePrefix, tableRange } from "./rows.ts";
import { testGenesis, testPorts } from "./testing.ts";

/** A store that counts what is read and written of one table of one context. */
function counting(inner: KeyValueStore): { readonly store: KeyValueStore; reads: string[]; writes: string[] } {
  const counts: { store: KeyValueStore; reads: string[]; writes: string[] } = {
    store: {
      get(key: Uint8Array) {
        counts.reads.push(String.fromCharCode(key[32] ?? 0));
        return inner.get(key);
      },
      range(options: RangeOptions) {
        counts.reads.push(`${String.fromCharCode(options.gte[32] ?? 0)}*`);
        return inner.range(options);
      },
      load: (miss) => inner.load(miss),
      get version() {
        return inner.version;
      },
      commit: (batch: readonly WriteOperation[]) => {
        for (const { key } of batch) counts.writes.push(String.fromCharCode(key[32] ?? 0));
        return inner.commit(batch);
      },
      [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
    },
    reads: [],
    writes: [],
  };
  return counts;
}

async function scene(seed: number) {
  const inner = createMemoryStore();
  const counts = counting(inner);
  const ports = testPorts(counts.store, seed);
  const signer = ports.crypto.createSigner(new Uint8Array(32).fill(seed));
  const genesis = testGenesis(signer, seed);
  const open = async (store: KeyValueStore = counts.store) => {
    const opened = await Replica.open({ ...ports, store }, { context: genesis.context, signer, place: "here" });
    if (!opened.ok) throw new Error(opened.error.message);
    return opened.value;
  };
  const replica = await open();
  replica.admit(genesis.bytes);
  await replica.settled();
  const metaOf = (store: KeyValueStore) => {
    const bytes = store.get(tablePrefix(genesis.context, "m"));
    return bytes && decodeMeta(bytes);
  };
  const audit = (store: KeyValueStore = inner) => auditContext(ports.crypto, store, genesis.context);
  return { inner, counts, ports, genesis, open, replica, metaOf, audit };
}

async function insert(replica: Replica, from: number, to: number): Promise<void> {
  const receipt = await replica.call((tx) => {
    const todos = tx.field("records", "todos");
    for (let i = from; i < to; i++) todos.insert(`id${i}`).set("n", i);
    tx.field("text", "log").insert(0, "x");
    tx.field("set", "seen").add(from);
    tx.field("map", "last").set("n", from);
    return { ok: true, value: 0, events: [] };
  });
  expect(receipt.ok).toBe(true);
}

it("a commit hashes nothing and opening reads no cell, until somebody asks for a root", async () => {
  const { counts, open, replica, metaOf, inner, audit } = await scene(1);
  for (let i = 0; i < 10; i++) await insert(replica, i * 10, i * 10 + 10);
  expect(counts.writes).not.toContain("h");
  expect(metaOf(inner)?.hashed).toBeUndefined();
  await replica.close();
  expect(counts.writes).not.toContain("h");
  counts.reads.length = 0;
  const again = await open();
  expect(counts.reads.filter((read) => read.startsWith("c"))).toEqual([]);
  expect(rootOf(again)).toBe(auditedRoot(audit()));
  await again.close();
  expect(counts.writes).toContain("h");
  expect(metaOf(inner)?.hashed?.count).toBe(again.flushed.count);
  expect(audit().ok).toBe(true);
});

function rootOf(replica: Replica): string | undefined {
  const { root } = replica.flushed;
  return root && bytesToHex(root);
}

function auditedRoot(audit: ReturnType<typeof auditContext>): string {
  if (!audit.ok) throw new Error(audit.error.message);
  return audit.value.root;
}

it("the root after reopening hashes only the deltas beyond the mark, and reads few pages", async () => {
  const { counts, open, replica, audit, inner } = await scene(2);
  for (let i = 0; i < 20; i++) await insert(replica, i * 200, i * 200 + 200);
  expect(replica.flushed.root).toBeDefined();
  await replica.close();
  const second = await open();
  await insert(second, 10_000, 10_001);
  // As after a crash: the store has what was flushed, and no page of it.
  const image = createMemoryStore({ image: inner.image() });
  const third = await open(image);
  expect(rootOf(third)).toBe(auditedRoot(audit(image)));
  counts.reads.length = 0;
  expect(second.flushed.root).toEqual(third.flushed.root);
  expect(counts.reads.filter((read) => read === "h").length).toBeLessThan(40);
  counts.writes.length = 0;
  await second.close();
  expect(counts.writes.filter((write) => write === "h").length).toBeLessThan(40);
  expect(audit().ok).toBe(true);
});

it("whoever has asked is told the root of each commit, and the mark goes on now and then", async () => {
  const { replica, metaOf, inner, open, audit } = await scene(3);
  const roots: (string | undefined)[] = [];
  replica.onCommit((commit) => roots.push(commit.root && bytesToHex(commit.root)));
  expect(replica.flushed.root).toBeDefined();
  for (let i = 0; i < COMMITS_PER_HASHED_MARK + 5; i++) {
    await Promise.all([insert(replica, i * 10, i * 10 + 1), insert(replica, i * 10 + 1, i * 10 + 2)]);
  }
  expect(roots).not.toContain(undefined);
  expect(new Set(roots).size).toBe(roots.length);
  const hashed = metaOf(inner)?.hashed?.count ?? 0;
  expect(hashed).toBeGreaterThan(COMMITS_PER_HASHED_MARK);
  expect(hashed).toBeLessThan(replica.flushed.count);
  const image = createMemoryStore({ image: inner.image() });
  expect(audit(image).ok).toBe(true);
  const again = await open(image);
  expect(rootOf(again)).toBe(roots.at(-1));
});

it("a first set of many pages goes in parts, and a crash between them leaves no half of a tree", async () => {
  const { counts, replica, open, audit, inner, metaOf } = await scene(4);
  for (let i = 0; i < 10; i++) await insert(replica, i * 1_500, (i + 1) * 1_500);
  expect(replica.flushed.root).toBeDefined();
  counts.writes.length = 0;
  await insert(replica, 1_000_000, 1_000_001);
  expect(counts.writes.filter((write) => write === "h").length).toBe(PAGES_PER_COMMIT_MAX);
  expect(metaOf(inner)?.hashed).toBeUndefined();
  const image = createMemoryStore({ image: inner.image() });
  const crashed = await open(image);
  expect(crashed.flushed.root).toEqual(replica.flushed.root);
  await replica.close();
  expect(metaOf(inner)?.hashed?.count).toBe(replica.flushed.count);
  expect(audit().ok).toBe(true);
});

it("finds damage: of a cell where its hash is in memory, of a page when it is loaded, of anything by the audit", async () => {
  const { replica, open, audit, inner, genesis } = await scene(5);
  await insert(replica, 0, 500);
  expect(replica.flushed.root).toBeDefined();
  await replica.close();
  const rows = (table: "c" | "h") => [...inner.range(tableRange(tablePrefix(genesis.context, table)))];
  const damagedBy = (key: Uint8Array, value: Uint8Array) => {
    const damaged = value.slice();
    damaged[damaged.length - 1] = (damaged[damaged.length - 1] as number) ^ 1;
    const store = createMemoryStore({ image: inner.image() });
    void store.commit([{ kind: "put", key, value: damaged }]);
    return store;
  };
  const isId7 = ([key]: readonly [Uint8Array, Uint8Array]) => new TextDecoder().decode(key.slice(-3)) === "id7";
  const cell = rows("c").find(isId7);
  if (cell === undefined) throw new Error("no such cell");
  const store = damagedBy(cell[0].slice(), cell[1].slice());
  expect(audit(store)).toMatchObject({ ok: false, error: { code: "AUDIT_MISMATCH" } });
  const reopened = await open(store);
  await insert(reopened, 500, 1_000);
  expect(reopened.flushed.root).toBeDefined();
  const todos = reopened.document.field("records", "todos");
  expect(() => todos.get("id7")).toThrow(expect.objectContaining({ code: "STORE_CORRUPT" }));
  for (const [key, value] of rows("h").map(([k, v]) => [k.slice(), v.slice()] as const)) {
    const image = damagedBy(key, value);
    expect(audit(image)).toMatchObject({ ok: false, error: { code: "AUDIT_MISMATCH" } });
    const half = await open(image);
    await insert(half, 500, 1_000);
    expect([half.flushed.root, half.closed?.code]).toEqual([undefined, "STORE_CORRUPT"]);
    expect(half.closed?.message).toContain("a stored page of hashes is damaged");
  }
});

it("is known in the end over a store whose pages must be loaded", async () => {
  const { replica, open } = await scene(6);
  await insert(replica, 0, 300);
  const slow = createAsyncMemoryStore({ pageEntries: 16, pagesMax: 8 });
  const other = await open(slow);
  for (const delta of replica.missingFrom(new Map(), 1e9).deltas) other.admit(delta);
  await other.settled();
  await other.close();
  const again = await open(slow);
  let tries = 0;
  for (; again.flushed.root === undefined && tries < 1_000; tries++) await Promise.resolve();
  expect(tries).toBeGreaterThan(0);
  expect(again.flushed.root).toEqual(replica.flushed.root);
});
