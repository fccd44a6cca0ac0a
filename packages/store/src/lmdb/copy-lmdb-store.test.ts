import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { must } from "@dunlin/core/base";
import { afterEach, beforeEach, expect, it } from "vitest";
import { copyLmdbStore, openLmdbReader, openLmdbStore } from "./index.ts";

const ALL = { gte: Uint8Array.of(0), lt: Uint8Array.of(255, 255) };
const ROWS = 64;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dunlin-copy-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it("is of one commit while the store is written, and the store goes on", async () => {
  await using store = await openLmdbStore({ path: join(folder, "store") });
  let isOver = false;
  let rounds = 0;
  const writing = (async () => {
    for (; !isOver; rounds++) {
      // Each batch gives every row the same value: a copy that mixes two commits shows two.
      const value = new Uint8Array(900).fill(rounds % 251);
      await store.commit(
        Array.from({ length: ROWS }, (_, i) => ({ kind: "put" as const, key: Uint8Array.of(1, i), value })),
      );
    }
  })();
  for (let i = 0; i < 5; i++) {
    const begun = rounds;
    while (rounds < begun + 3) await new Promise((resolve) => setImmediate(resolve));
    await copyLmdbStore(join(folder, "store"), join(folder, `copy${i}`));
    await using copy = await openLmdbReader(join(folder, `copy${i}`));
    const values = [...copy.range(ALL)].map(([, value]) => value[0]);
    expect([values.length, new Set(values).size]).toEqual([ROWS, 1]);
  }
  isOver = true;
  await writing;
});

it("refuses a target that holds a store, and a source that is damaged or none", async () => {
  const [source, target] = [join(folder, "store"), join(folder, "copy")];
  await expect(copyLmdbStore(source, target)).rejects.toMatchObject({ code: "STORE_CORRUPT" });
  {
    await using store = await openLmdbStore({ path: source });
    const value = new Uint8Array(2000).fill(7);
    for (let i = 0; i < 200; i++) await store.commit([{ kind: "put", key: Uint8Array.of(1, i), value }]);
  }
  await copyLmdbStore(source, target);
  await expect(copyLmdbStore(source, target)).rejects.toMatchObject({ code: "STORE_WRITE_FAILED" });

  const file = join(source, "data.mdb");
  const bytes = readFileSync(file);
  truncateSync(file, bytes.length >> 1);
  await expect(copyLmdbStore(source, join(folder, "cut"))).rejects.toMatchObject({ code: "STORE_CORRUPT" });
  // A page number that points elsewhere, in each page that has rows: whatever path the copy takes, it meets one.
  const damaged = bytes.slice();
  for (let page = 2; page * 4096 < damaged.length; page++)
    damaged[page * 4096] = must(damaged[page * 4096], "a byte") ^ 1;
  writeFileSync(file, damaged);
  await expect(copyLmdbStore(source, join(folder, "flipped"))).rejects.toMatchObject({ code: "STORE_CORRUPT" });
});
