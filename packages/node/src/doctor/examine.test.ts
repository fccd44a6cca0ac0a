import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { applicationId, type ContextId, createPrng, idToText, must, silentLog } from "@dunlin/core/base";
import { BlobStore } from "@dunlin/core/blobs";
import { createCrypto } from "@dunlin/core/crypto";
import { createGenesis, Replica } from "@dunlin/core/replica";
import { openChunkFiles } from "@dunlin/store/files";
import { openLmdbStore } from "@dunlin/store/lmdb";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Home } from "../home.ts";
import { systemClock, systemRandom } from "../platform.ts";
import { writeContext } from "../shard/directory.ts";
import { BLOBS_PREFIX } from "../shard/shard-blobs.ts";
import { examineHome } from "./examine.ts";
import type { HomeReport } from "./finding.ts";
import { forgetContext } from "./forget.ts";

const crypto = createCrypto();
const ports = { crypto, random: systemRandom };
/** `npm run verify` sets more. */
const FLIPS = Number(process.env["DUNLIN_FLIPS"] ?? 60);

let folder: string;
let home: Home;
let contexts: readonly ContextId[];

const dataFile = (): string => join(home.store, "data.mdb");
const examine = async (nowMs = Date.now()): Promise<HomeReport> => {
  const examined = await examineHome({ home: home.path, nowMs });
  if (!examined.ok) throw new Error(examined.error.message);
  return examined.value;
};
const codesOf = ({ findings }: HomeReport): string[] => findings.map(({ code }) => code);

/** Two contexts with a map each, and a blob. */
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "dunlin-doctor-"));
  home = new Home(join(folder, "home"));
  home.nodeSeed(systemRandom);
  await using store = await openLmdbStore({ path: home.store });
  contexts = await Promise.all([0, 1].map(() => fill(store)));
  const blobs = await BlobStore.open({ store, crypto, chunks: await openChunkFiles(home.blobs) }, BLOBS_PREFIX);
  await blobs.put([createPrng(1).bytes(70_000)]);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function fill(store: Awaited<ReturnType<typeof openLmdbStore>>): Promise<ContextId> {
  const signer = home.createIdentity(crypto, systemRandom);
  const genesis = createGenesis(ports, signer, applicationId(new Uint8Array(32)), Date.now(), { isSealed: true });
  const { context } = genesis;
  await writeContext(store, { context, member: signer.publicKey, redeemer: undefined, addresses: [] });
  const opened = await Replica.open(
    { ...ports, store, clock: systemClock, log: silentLog },
    { context, signer, place: "here", keepsRoots: true },
  );
  if (!opened.ok) throw new Error(opened.error.message);
  const replica = opened.value;
  replica.admit(genesis.bytes);
  for (let i = 0; i < 40; i++) {
    await replica.call((transaction) => {
      transaction.field("map", "notes").set(`key ${i % 15}`, "x".repeat(40 + i));
      return { ok: true, value: null, events: [] };
    });
  }
  await replica.close();
  return context;
}

it("finds nothing wrong with what is in order, but what is not installed", async () => {
  const report = await examine();
  expect([...report.contexts].sort()).toEqual(contexts.map(idToText).sort());
  expect(new Set(codesOf(report))).toEqual(new Set(["APPLICATION_NOT_FOUND"]));
  expect(codesOf(await examine(0))).toContain("STAMPS_AHEAD");
});

it(`finds each of ${FLIPS} flipped bytes that lies in anything`, async () => {
  const whole = readFileSync(dataFile());
  const before = await examine();
  const prng = createPrng(21);
  let found = 0;
  for (let i = 0; i < FLIPS; i++) {
    const at = prng.below(whole.length);
    const damaged = Uint8Array.from(whole);
    damaged[at] = must(damaged[at], "a byte") ^ (1 << prng.below(8));
    writeFileSync(dataFile(), damaged);
    const report = await examine();
    const errors = report.findings.filter(({ severity }) => severity === "error");
    for (const { advice } of errors) expect(advice).toMatch(/restore|join/);
    if (errors.length > 0) found++;
    // What it passes is what was there: the flip lies in a free page, or where nothing is.
    else expect(report, `byte ${at}`).toEqual(before);
  }
  expect(found).toBeGreaterThan(FLIPS / 10);
});

describe("finds", () => {
  it("a store that was cut short, and one that is missing", async () => {
    truncateSync(dataFile(), 3 * 4096);
    expect(codesOf(await examine())).toEqual(["STORE_CORRUPT"]);
    rmSync(home.store, { recursive: true });
    expect(codesOf(await examine())).toEqual(["STORE_MISSING"]);
    expect(existsSync(home.store)).toBe(false);
    expect(await examineHome({ home: join(folder, "none"), nowMs: 0 })).toMatchObject({
      error: { code: "HOME_INVALID" },
    });
  });

  it("keys, bundles and chunks that are not what their names say, by name", async () => {
    const [identity = ""] = readdirSync(join(home.path, "identities"));
    const [chunk = ""] = readdirSync(home.blobs);
    writeFileSync(join(home.path, "identities", identity), "00".repeat(32));
    writeFileSync(join(home.path, "node.key"), "00");
    writeFileSync(join(home.blobs, chunk), Buffer.alloc(70_000));
    const other = idToText(new Uint8Array(32).fill(4));
    home.writeApplication(new Uint8Array(32).fill(4), Uint8Array.of(1));
    const { findings } = await examine();
    const errors = findings.filter(({ severity }) => severity === "error").map(({ code, where }) => `${code} ${where}`);
    expect(errors).toEqual(
      expect.arrayContaining([
        "HOME_INVALID node.key",
        `HOME_INVALID identities/${identity}`,
        `APPLICATION_INVALID applications/${other}`,
        `BLOB_DAMAGED blobs/${chunk}`,
      ]),
    );
    rmSync(join(home.blobs, chunk));
    expect((await examine()).findings).toContainEqual(expect.objectContaining({ message: "a chunk is missing" }));
  });

  it("that a node runs, and leaves it alone", async () => {
    await using store = await openLmdbStore({ path: home.store });
    expect(await examineHome({ home: home.path, nowMs: 0 })).toMatchObject({ error: { code: "STORE_LOCKED" } });
    expect(store.version).toBe(0);
  });
});

it("forgets a context, damaged or not, and no other", async () => {
  const whole = readFileSync(dataFile());
  const [gone, kept] = contexts.map(idToText);
  if (gone === undefined || kept === undefined) throw new Error("two contexts");
  const at = whole.lastIndexOf(Buffer.from(must(contexts[0], "a context")));
  whole[at + 60] = must(whole[at + 60], "a byte") ^ 1;
  writeFileSync(dataFile(), whole);
  expect(await forgetContext(home.path, gone)).toMatchObject({ ok: true });
  expect(await forgetContext(home.path, gone)).toMatchObject({ error: { code: "CONTEXT_NOT_FOUND" } });
  expect(await forgetContext(home.path, "x")).toMatchObject({ error: { code: "PARAMS_INVALID" } });
  const report = await examine();
  expect(report.contexts).toEqual([kept]);
  expect(report.findings.filter(({ severity }) => severity === "error")).toEqual([]);
});
