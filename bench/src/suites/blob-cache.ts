/**
 * Blobs: stored and read back beside hashing and writing the same bytes, what the cache hits in the guide's three
 * workloads, and what an eviction takes, with the share of each phase.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createPrng, type Prng } from "@dunlin/core/base";
import { BLOB_CHUNK_BYTES, BlobCache, BlobStore, type Eviction } from "@dunlin/core/blobs";
import { systemDigest } from "@dunlin/core/platform";
import { openChunkFiles } from "@dunlin/store/files";
import { createMemoryStore } from "@dunlin/store/memory";
import { crypto, random } from "../cluster/ports.ts";
import { check, type Sampling } from "../measure.ts";
import { type AsyncWork, measureAsync } from "../measure-async.ts";
import { type Row, toRow } from "../row.ts";
import type { Suite } from "../suite.ts";

const SUITE = "blob-cache";
const MINUTE_MS = 60_000;
const EVICTED = 100;

export const blobCache: Suite = {
  name: SUITE,
  about: "blobs stored and read back, hits of the cache and its eviction",
  async run(sampling) {
    return [...(await storeRows(sampling)), ...hitRows(), ...evictionRows(sampling)];
  },
};

async function storeRows(sampling: Sampling): Promise<Row[]> {
  const chunks = sampling.isQuick ? 8 : 32;
  const folder = mkdtempSync(join(tmpdir(), "dunlin-blobs-"));
  try {
    const [own, plain] = await measureAsync([storedWork(folder, chunks), plainWork(folder, chunks)], sampling);
    if (!own || !plain) throw new Error("both works are timed");
    const mbPerSecond = (us: number): number => (chunks * BLOB_CHUNK_BYTES) / us;
    return [
      toRow({
        suite: SUITE,
        name: `store and read back a blob of ${chunks} MiB, MB`,
        value: mbPerSecond(own.minUs),
        median: mbPerSecond(own.medianUs),
        unit: "per s",
        reference: { name: "SHA-256, write, fdatasync, read", value: mbPerSecond(plain.minUs) },
        target: { atLeast: 0.6 },
        samplesAsked: sampling.samples,
        samples: own.samplesUs.map(mbPerSecond),
      }),
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Another first byte each time, so that nothing is there already. */
function freshChunks(count: number): () => Uint8Array[] {
  const bytes = random.bytes(65_536);
  const chunks = Array.from({ length: count }, (_, at) => {
    const chunk = new Uint8Array(BLOB_CHUNK_BYTES);
    for (let offset = 0; offset < chunk.length; offset += bytes.length) chunk.set(bytes, offset);
    chunk[1] = at;
    return chunk;
  });
  let turn = 0;
  return () => {
    turn++;
    for (const chunk of chunks) new DataView(chunk.buffer).setUint32(2, turn);
    return chunks;
  };
}

function storedWork(folder: string, count: number): AsyncWork {
  return {
    name: "stored",
    async prepare() {
      const ports = {
        store: createMemoryStore(),
        chunks: await openChunkFiles(join(folder, "chunks")),
        crypto,
        digest: systemDigest,
      };
      const blobs = await BlobStore.open(ports, new Uint8Array([1]));
      const fresh = freshChunks(count);
      let read = 0;
      return {
        async run() {
          const stored = await blobs.put(fresh());
          if (!stored.ok) throw new Error(stored.error.message);
          const content = await blobs.read(stored.value.id);
          if (!content.ok) throw new Error(content.error.message);
          read = 0;
          for await (const bytes of content.value) read += bytes.length;
          await blobs.delete(stored.value.id);
        },
        verify: () => check(read === count * BLOB_CHUNK_BYTES, "the blob was read"),
      };
    },
  };
}

function plainWork(folder: string, count: number): AsyncWork {
  return {
    name: "plain",
    async prepare() {
      const path = join(folder, "plain");
      const fresh = freshChunks(count);
      let read = 0;
      return {
        async run() {
          const hash = crypto.createSha256();
          const file = await open(path, "w+");
          for (const chunk of fresh()) {
            hash.update(chunk);
            await file.write(chunk);
          }
          hash.digest();
          await file.datasync();
          const buffer = new Uint8Array(BLOB_CHUNK_BYTES);
          read = 0;
          for (let at = 0; at < count; at++) {
            read += (await file.read(buffer, 0, buffer.length, at * BLOB_CHUNK_BYTES)).bytesRead;
          }
          await file.close();
          rmSync(path);
        },
        verify: () => check(read === count * BLOB_CHUNK_BYTES, "the file was read"),
      };
    },
  };
}

/** Reads of an hour, ten a second, each of a blob of 100 KB that is added when it is not there. */
function hitRateOf(keyOf: (read: number, prng: Prng) => string): number {
  const cache = new BlobCache();
  const prng = createPrng(20_261_130);
  const bytes = new Uint8Array(100_000);
  for (let read = 0; read < 36_000; read++) {
    const nowMs = read * 100;
    if (nowMs % (5 * MINUTE_MS) === 0) cache.evict(nowMs);
    const key = keyOf(read, prng);
    if (cache.get(key, nowMs) === undefined) cache.add(key, bytes, nowMs);
  }
  return (100 * cache.hits) / (cache.hits + cache.misses);
}

function hitRows(): Row[] {
  const rows: readonly [string, (read: number, prng: Prng) => string, string][] = [
    [
      "static content: 80 assets, popular ones first",
      (_, prng) => `${skewed(prng, 80)}`,
      "the guide has 90 % and more",
    ],
    [
      "dynamic content: of 60 documents, each changes after some three reads",
      (read, prng) => {
        const document = prng.below(60);
        return `${document} as of ${Math.floor((read + document * 3) / 180)}`;
      },
      "the guide has 50 to 70 %",
    ],
    ["one-time access", (read) => `${read}`, "the guide has 0 %"],
  ];
  return rows.map(([name, keyOf, note]) =>
    toRow({ suite: SUITE, name: `hits, ${name}`, value: hitRateOf(keyOf), unit: "%", note }),
  );
}

function skewed(prng: Prng, count: number): number {
  return Math.min(prng.below(count), prng.below(count));
}

/** Of each hundred that go, 70 by age, 20 by count and 10 by bytes, as in the guide. */
function evictionRows(sampling: Sampling): Row[] {
  const [stale, fresh] = [new Uint8Array(100), new Uint8Array(1000)];
  const timesUs: number[] = [];
  let last: Eviction | undefined;
  for (let sample = 0; sample < Math.max(sampling.samples, 7) * 20; sample++) {
    const cache = new BlobCache({ count: 100, bytes: 90 * fresh.length });
    for (let at = 0; at < 70; at++) cache.add(`stale ${at}`, stale, 0);
    for (let at = 70; at < EVICTED + 90; at++) cache.add(`fresh ${at}`, fresh, 6 * MINUTE_MS);
    const begun = performance.now();
    last = cache.evict(6 * MINUTE_MS);
    timesUs.push((performance.now() - begun) * 1000);
  }
  check(last !== undefined && last.byAge === 70 && last.byCount === 20 && last.byBytes === 10, "each phase evicts");
  timesUs.sort((a, b) => a - b);
  return [
    toRow({
      suite: SUITE,
      name: `evict ${EVICTED} blobs: 70 by age, 20 by count, 10 by bytes`,
      value: timesUs[0] ?? Number.NaN,
      median: timesUs[timesUs.length >> 1] ?? Number.NaN,
      unit: "us",
      target: { valueAtMost: 200 },
      note: "the guide has 2 ms",
    }),
  ];
}
