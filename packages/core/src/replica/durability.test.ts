import { createMemoryStore, type MemoryStoreImage } from "@dunlin/store/memory";
import { describe, expect, it } from "vitest";
import { bytesToHex, type KeyValueStore, type WriteOperation } from "../base/index.ts";
import type { Transaction } from "../crdt/index.ts";
import { auditContext } from "./audit.ts";
import type { Commit } from "./commit.ts";
import { Replica } from "./replica.ts";
import { rootOf, testGenesis, testPorts } from "./testing.ts";

async function scene(seed: number, store: KeyValueStore) {
  const ports = testPorts(store, seed);
  const signer = ports.crypto.createSigner(new Uint8Array(32).fill(seed));
  const genesis = testGenesis(signer, seed);
  const open = async (at: KeyValueStore = store) => {
    const opened = await Replica.open({ ...ports, store: at }, { context: genesis.context, signer, place: "here" });
    if (!opened.ok) throw new Error(opened.error.message);
    return opened.value;
  };
  const replica = await open();
  replica.admit(genesis.bytes);
  await replica.settled();
  return { ports, genesis, open, replica };
}

function writes(i: number) {
  return (t: Transaction) => {
    t.field("counter", "votes").add(i);
    t.field("map", "m").set(`k${i % 9}`, i);
    t.field("map", "m")
      .child("set", `s${i % 3}`)
      .add(i);
    t.field("text", "body").insert(0, `${i} `);
    if (i % 4 === 3) t.field("map", "m").delete(`k${i % 9}`);
    return { ok: true, value: i, events: [] } as const;
  };
}

describe("a failed call", () => {
  const failures: [string, (t: Transaction) => { ok: false; error: { code: string; message: string } }, string][] = [
    [
      "by its own verdict",
      (t) => {
        writes(1)(t);
        return { ok: false, error: { code: "NO", message: "no" } };
      },
      "NO",
    ],
    [
      "by a write that is refused",
      (t) => {
        writes(1)(t);
        t.field("text", "body").insert(99_999, "x");
        return { ok: false, error: { code: "UNREACHED", message: "" } };
      },
      "TEXT_OUT_OF_RANGE",
    ],
  ];
  it.each(failures)("leaves no trace: %s", async (_name, run, code) => {
    const { replica } = await scene(1, createMemoryStore());
    await replica.call(writes(5));
    const before = bytesToHex(replica.document.root());
    const { count } = replica.flushed;
    expect(await replica.call(run)).toMatchObject({ ok: false, error: { code } });
    await replica.settled();
    expect(bytesToHex(replica.document.root())).toBe(before);
    expect(replica.flushed.count).toBe(count);
    expect((await replica.call(writes(6))).ok).toBe(true);
    expect(replica.document.field("counter", "votes").value()).toBe(11);
  });
});

describe("a failing flush", () => {
  it("fails every call since the last good one, tells nobody, and closes", async () => {
    let failing = false;
    const store = createMemoryStore({ flush: () => (failing ? Promise.reject(new Error("EIO")) : Promise.resolve()) });
    const { replica, open, ports, genesis } = await scene(2, store);
    await replica.call(writes(1));
    const { count } = replica.flushed;
    const told: Commit[] = [];
    replica.onCommit((commit) => told.push(commit));
    failing = true;
    const results = await Promise.all([2, 3, 4].map((i) => replica.call(writes(i))));
    for (const result of results) expect(result).toMatchObject({ ok: false, error: { code: "STORE_WRITE_FAILED" } });
    expect(told).toEqual([]);
    expect(replica.closed?.code).toBe("STORE_WRITE_FAILED");
    expect(await replica.call(writes(5))).toMatchObject({ ok: false, error: { code: "STORE_WRITE_FAILED" } });
    expect(replica.admit(genesis.bytes)).toMatchObject({ kind: "refused", error: { code: "STORE_WRITE_FAILED" } });
    const image = createMemoryStore({ image: store.image() });
    const again = await open(image);
    expect(again.flushed.count).toBe(count);
    expect(again.document.field("counter", "votes").value()).toBe(1);
    expect(auditContext(ports.crypto, image, genesis.context).ok).toBe(true);
  });
});

describe("a crash", () => {
  it("at any commit leaves a store that opens, passes the audit and holds all that was acknowledged", async () => {
    const inner = createMemoryStore();
    const images: { readonly image: MemoryStoreImage; readonly acknowledged: number }[] = [];
    let acknowledged = 0;
    // Between two commits the disk is what the one before left.
    const store: KeyValueStore = {
      get: (key) => inner.get(key),
      range: (options) => inner.range(options),
      load: (miss) => inner.load(miss),
      get version() {
        return inner.version;
      },
      commit: async (batch: readonly WriteOperation[]) => {
        await inner.commit(batch);
        images.push({ image: inner.image(), acknowledged });
      },
      [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
    };
    const { replica, open, ports, genesis } = await scene(3, store);
    for (let i = 1; i <= 40; i++) {
      const group = Array.from({ length: 1 + (i % 3) }, () => replica.call(writes(i)));
      await Promise.all(group);
      acknowledged += i * group.length;
    }
    expect(images.length).toBeGreaterThanOrEqual(41);
    for (const { image, acknowledged: sum } of images) {
      const disk = createMemoryStore({ image });
      const audit = auditContext(ports.crypto, disk, genesis.context);
      if (!audit.ok) throw new Error(audit.error.message);
      const again = await open(disk);
      expect(bytesToHex(again.document.root())).toBe(audit.value.root);
      expect(again.document.field("counter", "votes").value()).toBeGreaterThanOrEqual(sum);
      expect((await again.call(writes(1))).ok).toBe(true);
    }
  });
});

describe("an entry that is older than its delta", () => {
  it("keeps its own stamp on every replica", async () => {
    const { replica, ports, genesis, open } = await scene(4, createMemoryStore());
    const calls = Array.from({ length: 5 }, (_, i) => replica.call(writes(i)));
    const receipts = await Promise.all(calls);
    const deltas = new Set(
      receipts.map((receipt) => receipt.ok && receipt.value.delta && bytesToHex(receipt.value.delta)),
    );
    expect(deltas.size).toBe(1);
    const other = await open(createMemoryStore());
    for (const bytes of replica.missingFrom(new Map(), 1e9).deltas) expect(other.admit(bytes).kind).toBe("admitted");
    await other.settled();
    expect(rootOf(other)).toBe(rootOf(replica));
    expect(auditContext(ports.crypto, ports.store, genesis.context).ok).toBe(true);
  });
});
