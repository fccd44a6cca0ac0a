import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createPrng, idToText, must } from "@dunlin/core/base";
import { BlobStore } from "@dunlin/core/blobs";
import { createCrypto } from "@dunlin/core/crypto";
import { openChunkFiles } from "@dunlin/store/files";
import { type LmdbStore, openLmdbStore } from "@dunlin/store/lmdb";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Home } from "../home.ts";
import { systemRandom } from "../platform.ts";
import { BLOBS_PREFIX } from "../shard/shard-blobs.ts";
import { backUp } from "./back-up.ts";
import { restore } from "./restore.ts";

const crypto = createCrypto();
const ROW = Uint8Array.of(9, 9);

let folder: string;
let home: Home;
let store: LmdbStore;
let blobs: BlobStore;
let backup: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "dunlin-backup-"));
  backup = join(folder, "backup");
  home = new Home(join(folder, "home"));
  home.nodeSeed(systemRandom);
  home.installation(systemRandom);
  home.createIdentity(crypto, systemRandom);
  home.writeApplication(new Uint8Array(32).fill(5), Uint8Array.of(1, 2, 3));
  writeFileSync(join(home.path, "token"), "a token");
  writeFileSync(join(home.path, "api.json"), "{}");
  store = await openLmdbStore({ path: home.store });
  await store.commit([{ kind: "put", key: ROW, value: Uint8Array.of(1) }]);
  blobs = await BlobStore.open({ store, crypto, chunks: await openChunkFiles(home.blobs) }, BLOBS_PREFIX);
});
afterEach(async () => {
  await store[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const take = (target = backup) => backUp({ home: home.path, target, version: "0.1.0", nowMs: 17 });
const bring = (to: string, from = backup) => restore({ backup: from, home: join(folder, to) });
const filesOf = (path: string): string[] =>
  readdirSync(path, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1))
    .sort();

it("brings back all that a home is, but what names this copy of it and what only a running node has", async () => {
  const blob = await blobs.put([createPrng(3).bytes(1_500_000)]);
  expect(await take()).toMatchObject({ ok: true, value: { takenMs: 17, missing: [] } });
  // What comes later is not in it.
  await store.commit([{ kind: "put", key: ROW, value: Uint8Array.of(2) }]);
  expect(await bring("restored")).toMatchObject({ ok: true, value: { program: "0.1.0" } });
  const path = join(folder, "restored");
  const left = filesOf(home.path).filter((name) => !/lock|api\.json|installation/.test(name));
  expect(filesOf(path).filter((name) => !name.endsWith("lock.mdb"))).toEqual(left);
  for (const name of left.filter((file) => !file.startsWith("store/"))) {
    expect(readFileSync(join(path, name)), name).toEqual(readFileSync(join(home.path, name)));
  }
  for (const name of ["node.key", "token", "store/data.mdb"]) {
    expect(statSync(join(path, name)).mode & 0o077, name).toBe(0);
    expect(statSync(join(backup, "home", name)).mode & 0o077, name).toBe(0);
  }
  await using restored = await openLmdbStore({ path: join(path, "store") });
  expect(restored.get(ROW)).toEqual(Uint8Array.of(1));
  const chunks = await openChunkFiles(join(path, "blobs"));
  const again = await BlobStore.open({ store: restored, crypto, chunks }, BLOBS_PREFIX);
  expect(blob.ok && (await again.info(blob.value.id))).toMatchObject({ size: 1_500_000 });
  expect(new Home(path).installation(systemRandom)).not.toBe(home.installation(systemRandom));
});

it("holds every chunk that its store names, while blobs come and go", async () => {
  let isOver = false;
  const churn = (async () => {
    for (let i = 0; !isOver; i++) {
      const put = await blobs.put([createPrng(i).bytes(20_000)]);
      if (put.ok && i % 2 === 0) await blobs.delete(put.value.id);
    }
  })();
  for (let i = 0; i < 4; i++) {
    const taken = await take(join(folder, `backup${i}`));
    expect(taken).toMatchObject({ ok: true, value: { missing: [] } });
  }
  isOver = true;
  await churn;
});

it("says which chunks are not sound, and leaves them out", async () => {
  const sound = must(await blobs.put([createPrng(1).bytes(1000)]), "a blob");
  const damaged = await blobs.put([createPrng(2).bytes(1000)]);
  const gone = await blobs.put([createPrng(3).bytes(1000)]);
  if (!sound.ok || !damaged.ok || !gone.ok) throw new Error("no blobs");
  const chunks = readdirSync(home.blobs);
  const chunkOf = (seed: number): string => idToText(crypto.sha256(createPrng(seed).bytes(1000)));
  expect(chunks).toContain(chunkOf(2));
  appendFileSync(join(home.blobs, chunkOf(2)), "x");
  rmSync(join(home.blobs, chunkOf(3)));
  const taken = await take();
  expect(taken).toMatchObject({ ok: true, value: { missing: [chunkOf(2), chunkOf(3)].sort() } });
  expect(readdirSync(join(backup, "home", "blobs"))).toEqual([chunkOf(1)]);
  expect(await bring("restored")).toMatchObject({ ok: true });
});

describe("refuses", () => {
  it("folders that are not empty, a home that is none, and leaves no draft", async () => {
    mkdirSync(backup);
    expect(await take()).toMatchObject({ ok: true });
    expect(await take()).toMatchObject({ error: { code: "FOLDER_NOT_EMPTY" } });
    expect(await bring("home")).toMatchObject({ error: { code: "FOLDER_NOT_EMPTY" } });
    const none = { home: join(folder, "none"), target: join(folder, "b2"), version: "0", nowMs: 0 };
    expect(await backUp(none)).toMatchObject({ error: { code: "HOME_INVALID" } });
    expect(await bring("restored", folder)).toMatchObject({ error: { code: "BACKUP_INVALID" } });
    expect(readdirSync(folder).sort()).toEqual(["backup", "home"]);
  });

  it("a backup of which any file was changed, cut or taken away, by its name", async () => {
    await blobs.put([createPrng(1).bytes(3000)]);
    expect(await take()).toMatchObject({ ok: true });
    const names = filesOf(join(backup, "home"));
    expect(names.length).toBeGreaterThan(5);
    const damage: Record<string, (path: string) => void> = {
      flipped: (path) => {
        const bytes = readFileSync(path);
        bytes[bytes.length >> 1] = must(bytes[bytes.length >> 1], "a byte") ^ 1;
        writeFileSync(path, bytes);
      },
      cut: (path) => writeFileSync(path, readFileSync(path).subarray(1)),
      missing: (path) => rmSync(path),
    };
    for (const [kind, spoil] of Object.entries(damage)) {
      for (const name of [...names.map((file) => `home/${file}`), "manifest.txt"]) {
        const copy = join(folder, "spoilt");
        cpSync(backup, copy, { recursive: true });
        spoil(join(copy, name));
        const restored = await bring("restored", copy);
        expect(restored, `${kind} ${name}`).toMatchObject({ error: { code: "BACKUP_INVALID" } });
        if (!restored.ok)
          expect(restored.error.message).toContain(name.replace("home/", "").replace(/^manifest.*/, ""));
        expect(existsSync(join(folder, "restored"))).toBe(false);
        rmSync(copy, { recursive: true });
      }
    }
    expect(readdirSync(folder).sort()).toEqual(["backup", "home"]);
  });

  it("a store that is damaged", async () => {
    const bytes = readFileSync(join(home.store, "data.mdb"));
    await store[Symbol.asyncDispose]();
    writeFileSync(join(home.store, "data.mdb"), bytes.subarray(0, 5000));
    expect(await take()).toMatchObject({ error: { code: "STORE_CORRUPT" } });
    expect(readdirSync(folder)).toEqual(["home"]);
    writeFileSync(join(home.store, "data.mdb"), bytes);
  });
});
