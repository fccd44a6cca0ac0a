import { describe, expect, it } from "vitest";
import { AssertionError } from "./assert.ts";
import { BufferPool, ObjectPool } from "./pool.ts";

const lists = (keptMax: number) =>
  new ObjectPool<number[]>({
    create: () => [],
    reset: (list) => {
      list.length = 0;
    },
    keptMax,
  });

describe("a pool of objects", () => {
  it("gives out what came back, reset, at the end of the scope", () => {
    const pool = lists(2);
    let first: number[];
    {
      using lease = pool.acquire();
      first = lease.value;
      first.push(1);
      expect(pool.kept).toBe(0);
    }
    expect(pool.kept).toBe(1);
    using lease = pool.acquire();
    expect(lease.value).toBe(first);
    expect(lease.value).toEqual([]);
  });

  it("gives back when the scope ends by a throw", () => {
    const pool = lists(2);
    expect(() => {
      using lease = pool.acquire();
      throw new RangeError(`with ${lease.value.length}`);
    }).toThrow(RangeError);
    expect(pool.kept).toBe(1);
  });

  it("asserts against use and release after the end", () => {
    const pool = lists(2);
    const lease = pool.acquire();
    lease[Symbol.dispose]();
    expect(() => lease.value).toThrow(AssertionError);
    expect(() => lease[Symbol.dispose]()).toThrow(AssertionError);
    expect(pool.kept).toBe(1);
  });

  it("keeps no more than its bound, and gives each to one holder", () => {
    const pool = lists(2);
    const leases = [pool.acquire(), pool.acquire(), pool.acquire()];
    expect(new Set(leases.map(({ value }) => value)).size).toBe(3);
    for (const lease of leases) lease[Symbol.dispose]();
    expect(pool.kept).toBe(2);
  });
});

describe("a pool of buffers", () => {
  it("gives at least the bytes asked for, and the same buffer to the next of its class", () => {
    const pool = new BufferPool(100_000);
    const lease = pool.acquire(1500);
    const buffer = lease.value;
    expect(buffer.length).toBe(2048);
    lease[Symbol.dispose]();
    expect(pool.keptBytes).toBe(2048);
    using larger = pool.acquire(2049);
    expect(larger.value).not.toBe(buffer);
    using same = pool.acquire(2048);
    expect(same.value).toBe(buffer);
    expect(pool.keptBytes).toBe(0);
  });

  it("keeps no more bytes than its bound", () => {
    const pool = new BufferPool(5000);
    const leases = [pool.acquire(2048), pool.acquire(2048), pool.acquire(2048)];
    for (const lease of leases) lease[Symbol.dispose]();
    expect(pool.keptBytes).toBe(4096);
    using empty = pool.acquire(0);
    expect(empty.value.length).toBe(1024);
  });

  it("asserts against a stale holder and an impossible size", () => {
    const pool = new BufferPool(5000);
    const lease = pool.acquire(10);
    lease[Symbol.dispose]();
    expect(() => lease.value).toThrow(AssertionError);
    expect(() => lease[Symbol.dispose]()).toThrow(AssertionError);
    for (const size of [-1, 1.5, Number.NaN]) expect(() => pool.acquire(size)).toThrow(AssertionError);
  });
});
