import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compareBytes, createPrng, utf8, type WriteOperation } from "@dunlin/core/base";
import { open } from "lmdb";
import { afterAll, describe, expect, it } from "vitest";
import { keyValueStoreSuite } from "../testing/index.ts";
import { formatRow } from "./format.ts";
import { openLmdbReader } from "./lmdb-reader.ts";
import { openLmdbStore } from "./open-lmdb-store.ts";
import { checkPages } from "./pages.ts";

const root = mkdtempSync(join(tmpdir(), "dunlin-lmdb-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let directories = 0;
const newDirectory = (): string => join(root, String(directories++));

keyValueStoreSuite(
  {
    name: "LMDB",
    supports: ["reopen", "flushCount"],
    open: async () => {
      const path = newDirectory();
      const store = await openLmdbStore({ path });
      return {
        store,
        flushCount: () => store.flushCount,
        reopen: async () => {
          await store[Symbol.asyncDispose]();
          return openLmdbStore({ path });
        },
      };
    },
  },
  { describe, it, expect },
);

const key = (...bytes: number[]): Uint8Array => Uint8Array.from(bytes);
const put = (at: number, value: Uint8Array): WriteOperation => ({ kind: "put", key: key(1, at >> 8, at & 255), value });
const everything = { gte: key(0), lt: key(255) };

const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (thrown: { code?: unknown }) => thrown.code,
  );

describe("opening an LMDB store", () => {
  it("refuses a second writer until the first has closed", async () => {
    const path = newDirectory();
    const first = await openLmdbStore({ path });
    expect(await codeOf(openLmdbStore({ path }))).toBe("STORE_LOCKED");
    await first.commit([put(1, key(1))]);
    await first[Symbol.asyncDispose]();
    const second = await openLmdbStore({ path });
    expect(second.get(key(1, 0, 1))).toEqual(key(1));
    await second[Symbol.asyncDispose]();
    expect(readdirSync(path).sort()).toEqual(["data.mdb", "lock.mdb"]);
  });

  it("takes over the lock of a process that is gone, of a pid given out again, and a malformed one", async () => {
    const child = spawn(process.execPath, ["-e", ""]);
    await once(child, "exit");
    for (const held of [`${child.pid} 1\n`, `${process.pid} 1\n`, "", "garbage"]) {
      const path = newDirectory();
      await (await openLmdbStore({ path }))[Symbol.asyncDispose]();
      writeFileSync(join(path, "dunlin.lock"), held);
      await (await openLmdbStore({ path }))[Symbol.asyncDispose]();
      expect(existsSync(join(path, "dunlin.lock"))).toBe(false);
    }
  });

  it("respects the lock of another live process, and its own unless it is told", async () => {
    const path = newDirectory();
    await (await openLmdbStore({ path }))[Symbol.asyncDispose]();
    writeFileSync(join(path, "dunlin.lock"), `${process.ppid} -\n`);
    expect(await codeOf(openLmdbStore({ path }))).toBe("STORE_LOCKED");
    rmSync(join(path, "dunlin.lock"));
    const held = await openLmdbStore({ path });
    const lock = readFileSync(join(path, "dunlin.lock"), "utf8");
    await held[Symbol.asyncDispose]();
    writeFileSync(join(path, "dunlin.lock"), lock);
    expect(await codeOf(openLmdbStore({ path }))).toBe("STORE_LOCKED");
    await (await openLmdbStore({ path, takeOverOwn: true }))[Symbol.asyncDispose]();
  });

  it("refuses what is not a store, and leaves no lock behind", async () => {
    const file = newDirectory();
    writeFileSync(file, "a file");
    expect(await codeOf(openLmdbStore({ path: file }))).toBe("STORE_CORRUPT");
    expect(await codeOf(openLmdbStore({ path: join(file, "below") }))).toBe("STORE_WRITE_FAILED");
    for (const garbage of [utf8("garbage"), createPrng(3).bytes(20_000)]) {
      const path = newDirectory();
      await (await openLmdbStore({ path }))[Symbol.asyncDispose]();
      writeFileSync(join(path, "data.mdb"), garbage);
      expect(await codeOf(openLmdbStore({ path }))).toBe("STORE_CORRUPT");
      expect(await codeOf(openLmdbReader(path))).toBe("STORE_CORRUPT");
      expect(existsSync(join(path, "dunlin.lock"))).toBe(false);
    }
    expect(await codeOf(openLmdbReader(newDirectory()))).toBe("STORE_CORRUPT");
  });

  it("refuses a file that was cut short, instead of dying of it", async () => {
    const path = newDirectory();
    const store = await openLmdbStore({ path });
    for (let i = 0; i < 40; i++) await store.commit([put(i, new Uint8Array(1000).fill(i))]);
    await store[Symbol.asyncDispose]();
    const { size } = statSync(join(path, "data.mdb"));
    truncateSync(join(path, "data.mdb"), Math.floor(size / 8192) * 4096);
    expect(await codeOf(openLmdbStore({ path }))).toBe("STORE_CORRUPT");
  });

  it("finds damaged pages when asked to look at all", async () => {
    const path = newDirectory();
    const store = await openLmdbStore({ path });
    for (let i = 0; i < 100; i++) await store.commit([put(i, new Uint8Array(i === 7 ? 50_000 : 500).fill(i))]);
    await store[Symbol.asyncDispose]();
    await (await openLmdbStore({ path, checkAllPages: true }))[Symbol.asyncDispose]();
    const whole = readFileSync(join(path, "data.mdb"));
    let refused = 0;
    const prng = createPrng(9);
    for (let i = 0; i < 30; i++) {
      const damaged = new Uint8Array(whole);
      damaged.fill(0, 4096 * (2 + prng.below(Math.floor(whole.length / 8192))));
      writeFileSync(join(path, "data.mdb"), damaged);
      if ((await codeOf((async () => checkPages(path, "all"))())) === "STORE_CORRUPT") refused++;
    }
    expect(refused).toBe(30);
  });

  it("looks at mutated pages without another error than its own", async () => {
    const path = newDirectory();
    const store = await openLmdbStore({ path });
    for (let i = 0; i < 60; i++) await store.commit([put(i, new Uint8Array(i === 7 ? 9000 : 300).fill(i))]);
    await store[Symbol.asyncDispose]();
    const whole = readFileSync(join(path, "data.mdb"));
    const prng = createPrng(10);
    let refused = 0;
    for (let i = 0; i < 300; i++) {
      const mutated = new Uint8Array(whole);
      const page = 4096 * prng.below(whole.length / 4096);
      for (let edits = 0; edits < 4; edits++) mutated[page + prng.below(200)] = prng.below(256);
      writeFileSync(
        join(path, "data.mdb"),
        mutated.subarray(0, prng.chance(0.3) ? prng.below(whole.length) : undefined),
      );
      try {
        checkPages(path, "all");
      } catch (thrown) {
        expect(thrown).toHaveProperty("code", "STORE_CORRUPT");
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(100);
  });

  it("refuses a newer format, a malformed one and an environment of somebody else", async () => {
    const rows: readonly (readonly [Uint8Array, Uint8Array, string])[] = [
      [key(0), formatRow(3), "STORE_NEWER"],
      [key(0), formatRow(0), "STORE_CORRUPT"],
      [key(0), utf8("dunlin"), "STORE_CORRUPT"],
      [key(7), key(7), "STORE_CORRUPT"],
    ];
    for (const [at, value, code] of rows) {
      const path = newDirectory();
      const other = open<Uint8Array, Uint8Array>({ path, noSubdir: false, keyEncoding: "binary", encoding: "binary" });
      await other.put(at, value);
      await other.close();
      expect(await codeOf(openLmdbStore({ path }))).toBe(code);
      expect(await codeOf(openLmdbReader(path))).toBe(code);
    }
  });
});

describe("a store of an older format", () => {
  /** As the first format was: values without a check. */
  const writeOld = async (path: string, rows: number): Promise<void> => {
    const old = open<Uint8Array, Uint8Array>({ path, noSubdir: false, keyEncoding: "binary", encoding: "binary" });
    await old.put(key(0), formatRow(1));
    for (let i = 0; i < rows; i++) void old.put(key(1, i >> 8, i & 255), new Uint8Array(i % 40).fill(i));
    await old.flushed;
    await old.close();
  };

  it("is brought up to this one, whole, whatever an earlier try left; a reader says what to do", async () => {
    const path = newDirectory();
    await writeOld(path, 9000);
    expect(await codeOf(openLmdbReader(path))).toBe("STORE_OLDER");
    mkdirSync(join(path, "migrating"));
    writeFileSync(join(path, "migrating", "data.mdb"), "half of it");
    for (let opening = 0; opening < 2; opening++) {
      await using store = await openLmdbStore({ path });
      const rows = [...store.range(everything)];
      expect(rows).toHaveLength(9000);
      for (const [i, [, value]] of rows.entries()) expect(value).toEqual(new Uint8Array(i % 40).fill(i));
      expect(existsSync(join(path, "migrating"))).toBe(false);
    }
    await (await openLmdbReader(path))[Symbol.asyncDispose]();
  });
});

describe("an LMDB store", () => {
  it("finds every byte of a value and of a key that is not what was written", async () => {
    const path = newDirectory();
    const marks = [0xa1, 0xa2, 0xa3].map((mark) => new Uint8Array(200).fill(mark));
    {
      await using store = await openLmdbStore({ path });
      await store.commit(marks.map((value, i) => put(i, value)));
    }
    const whole = readFileSync(join(path, "data.mdb"));
    const prng = createPrng(12);
    let found = 0;
    for (const [i, mark] of marks.entries()) {
      const start = whole.lastIndexOf(mark);
      expect(start).toBeGreaterThan(0);
      // Three bytes of key lie before the value, four of its check behind.
      for (const at of [start - 3, start, start + 203, ...Array.from({ length: 20 }, () => start + prng.below(200))]) {
        const damaged = new Uint8Array(whole);
        damaged[at] = (damaged[at] ?? 0) ^ (1 << prng.below(8));
        writeFileSync(join(path, "data.mdb"), damaged);
        await using store = await openLmdbStore({ path });
        const read = (): unknown => [...store.range({ gte: key(0), lt: key(255) })];
        expect(read, `${i} ${at}`).toThrow(expect.objectContaining({ code: "STORE_CORRUPT" }));
        found++;
      }
    }
    expect(found).toBe(69);
  });

  it("gives out plain byte arrays, safe to keep", async () => {
    await using store = await openLmdbStore({ path: newDirectory() });
    for (const size of [0, 1, 5000, 40_000, 300_000]) {
      await store.commit([put(size & 1023, new Uint8Array(size).fill(7))]);
      const value = store.get(key(1, (size & 1023) >> 8, size & 255));
      const [entry] = store.range({ gte: key(1, (size & 1023) >> 8, size & 255), lt: key(255) });
      for (const bytes of [value, entry?.[0], entry?.[1]]) {
        expect(Object.getPrototypeOf(bytes)).toBe(Uint8Array.prototype);
      }
      await store.commit([put(5, new Uint8Array(size + 1))]);
      store.get(key(1, 0, 5));
      const expected = new Uint8Array(size).fill(7);
      for (const bytes of [value, entry?.[1]]) expect(bytes && compareBytes(bytes, expected)).toBe(0);
    }
  });

  it("writes a large group as one, and shows it throughout", async () => {
    await using store = await openLmdbStore({ path: newDirectory() });
    const before = store.flushCount;
    const commits = Array.from({ length: 3000 }, (_, i) => store.commit([put(i, key(i & 255)), put(i + 1, key(0))]));
    expect([...store.range(everything)]).toHaveLength(3001);
    await Promise.all(commits);
    expect([...store.range(everything)]).toHaveLength(3001);
    expect(store.flushCount - before).toBe(1);
  });

  it("does not show its own row", async () => {
    await using store = await openLmdbStore({ path: newDirectory() });
    expect([...store.range({ gte: new Uint8Array(0), lt: key(255) })]).toEqual([]);
    expect([...store.range({ gte: new Uint8Array(0), lt: key(255), reverse: true })]).toEqual([]);
    expect(store.get(key(0))).toBeUndefined();
    expect(() => store.commit([{ kind: "put", key: key(0), value: key(1) }])).toThrow("own");
  });

  it("stops a range that outlives its turn", async () => {
    await using store = await openLmdbStore({ path: newDirectory() });
    await store.commit([put(1, key(1)), put(2, key(2))]);
    const iterator = store.range(everything)[Symbol.iterator]();
    iterator.next();
    await store.commit([put(3, key(3))]);
    expect(() => iterator.next()).toThrow("within the turn");
  });
});

describe("a reader", () => {
  it("sees what was flushed while the store is open in the same process", async () => {
    const path = newDirectory();
    await using store = await openLmdbStore({ path });
    await store.commit([put(1, key(1))]);
    const reader = await openLmdbReader(path);
    expect(reader.get(key(1, 0, 1))).toEqual(key(1));
    for (let i = 2; i < 100; i++) {
      await store.commit([put(i, key(i))]);
      reader.refresh();
      expect(reader.get(key(1, 0, i))).toEqual(key(i));
      expect([...reader.range(everything)]).toHaveLength(i);
    }
    await reader[Symbol.asyncDispose]();
    expect(() => reader.get(key(1))).toThrow(expect.objectContaining({ code: "STORE_CLOSED" }));
    await store.commit([put(200, key(1))]);
    expect(store.get(key(1, 0, 200))).toEqual(key(1));
  });
});
