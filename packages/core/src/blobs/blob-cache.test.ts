import { describe, expect, it } from "vitest";
import { BlobCache } from "./blob-cache.ts";
import { BLOB_CACHE_AGE_MS_DEFAULT, BLOB_CACHE_BYTES_DEFAULT, BLOB_CACHE_COUNT_DEFAULT } from "./limits.ts";

const bytes = (length: number) => new Uint8Array(length);

describe("the blob cache", () => {
  it("evicts first by age, then by count, then by bytes, the least recently used first", () => {
    const cache = new BlobCache({ ageMs: 1000, count: 4, bytes: 100 });
    cache.add("old", bytes(1), 0);
    for (let i = 0; i < 5; i++) cache.add(`blob ${i}`, bytes(30), 900 + i);
    cache.get("blob 0", 1500);
    expect(cache.evict(1500)).toEqual({ byAge: 1, byCount: 1, byBytes: 1, bytesFreed: 61 });
    expect(cache.get("blob 1", 1500)).toBeUndefined();
    expect(cache.get("blob 2", 1500)).toBeUndefined();
    expect(cache.get("blob 0", 1500)).toHaveLength(30);
    expect([cache.size, cache.bytes, cache.hits, cache.misses]).toEqual([3, 90, 2, 2]);
  });

  it("keeps what is read within the age", () => {
    const cache = new BlobCache({ ageMs: 1000 });
    cache.add("read", bytes(1), 0);
    for (let now = 900; now < 9000; now += 900) expect(cache.get("read", now)).toBeDefined();
    expect(cache.evict(9000).byAge).toBe(0);
    expect(cache.evict(9200).byAge).toBe(1);
  });

  it("stays within twice its budget between two runs", () => {
    const byBytes = new BlobCache({ bytes: 1000 });
    for (let i = 0; i < 50; i++) {
      byBytes.add(`blob ${i}`, bytes(90), 0);
      expect(byBytes.bytes).toBeLessThanOrEqual(2000);
    }
    const byCount = new BlobCache({ count: 10 });
    for (let i = 0; i < 50; i++) {
      byCount.add(`blob ${i}`, bytes(1), 0);
      expect(byCount.size).toBeLessThanOrEqual(20);
    }
  });

  it("does not keep a blob that is larger than its budget, and replaces one that comes again", () => {
    const cache = new BlobCache({ bytes: 10 });
    cache.add("large", bytes(11), 0);
    cache.add("small", bytes(4), 0);
    cache.add("small", bytes(5), 0);
    expect([cache.size, cache.bytes]).toEqual([1, 5]);
    cache.delete("small");
    expect([cache.size, cache.bytes]).toEqual([0, 0]);
  });

  it("has the limits of the guide by default", () => {
    const cache = new BlobCache();
    for (let i = 0; i <= BLOB_CACHE_COUNT_DEFAULT; i++) cache.add(`blob ${i}`, bytes(1), i);
    expect(cache.evict(BLOB_CACHE_AGE_MS_DEFAULT).byCount).toBe(1);
    expect(cache.evict(BLOB_CACHE_AGE_MS_DEFAULT + 50).byAge).toBe(49);
    expect(BLOB_CACHE_BYTES_DEFAULT).toBe(500 * 1024 * 1024);
  });
});
