import { compareBytes, type Entry, must } from "@dunlin/core/base";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Overlay } from "../shared/overlay.ts";
import { Directory } from "./directory.ts";
import { JOINED_BYTES_MAX, PAGE_BYTES_MAX, PAGE_BYTES_MIN } from "./limits.ts";
import { decodePage, findIn, keyAt, rowsOf } from "./page.ts";
import { planFlush } from "./plan-flush.ts";

/** A store of pages as a flush leaves it: what is written and not in the directory any more is nowhere. */
class Disk {
  readonly directory = new Directory();
  readonly pages = new Map<string, Uint8Array>();

  flush(writes: readonly (readonly [Uint8Array, Uint8Array | undefined])[]): void {
    const overlay = new Overlay();
    overlay.add(
      writes.map(([key, value]) => (value === undefined ? { kind: "delete", key } : { kind: "put", key, value })),
    );
    for (let rounds = 0; ; rounds++) {
      const plan = planFlush(this.directory, overlay.group());
      if (plan.kind === "ready") {
        for (const bound of plan.removed) {
          expect(this.pages.delete(String(bound))).toBe(true);
          this.directory.remove(bound);
        }
        for (const { bound, bytes } of plan.written) {
          this.pages.set(String(bound), bytes);
          this.directory.set(bound, undefined);
        }
        return;
      }
      expect(rounds).toBeLessThan(100);
      for (const bound of plan.bounds) {
        this.directory.set(bound, decodePage(must(this.pages.get(String(bound)), "a page that is there")));
      }
    }
  }

  /** Every row in order; each page is within its bounds. */
  rows(): Entry[] {
    expect(this.pages.size).toBe(this.directory.size);
    const all: Entry[] = [];
    for (let i = 0; i < this.directory.size; i++) {
      const { bound } = must(this.directory.at(i), "a slot");
      const page = must(decodePage(must(this.pages.get(String(bound)), "its page")), "a valid page");
      expect(compareBytes(bound, keyAt(page, 0))).toBeLessThanOrEqual(0);
      const next = this.directory.at(i + 1);
      if (next !== undefined) expect(compareBytes(keyAt(page, page.count - 1), next.bound)).toBeLessThan(0);
      expect(page.bytes.length <= PAGE_BYTES_MAX * 1.1 || page.count === 1).toBe(true);
      all.push(...rowsOf(page));
    }
    return all;
  }
}

const key = fc.uint8Array({ minLength: 1, maxLength: 3, max: 30 });
const size = fc.oneof(fc.nat(40), fc.nat(4000), fc.constant(PAGE_BYTES_MAX + 10));
const write = fc.tuple(key, fc.option(size, { nil: undefined }));

describe("planFlush", () => {
  it("leaves what a map would hold, in pages within their bounds", () => {
    fc.assert(
      fc.property(fc.array(fc.array(write, { minLength: 1, maxLength: 60 }), { maxLength: 12 }), (groups) => {
        const disk = new Disk();
        const model = new Map<string, Entry>();
        for (const group of groups) {
          const writes = group.map(
            ([at, length]) => [at, length === undefined ? length : new Uint8Array(length)] as const,
          );
          disk.flush(writes);
          for (const [at, value] of writes) {
            if (value === undefined) model.delete(String(at));
            else model.set(String(at), [at, value]);
          }
          const expected = [...model.values()].sort(([a], [b]) => compareBytes(a, b));
          expect(disk.rows().map(([at, value]) => [String(at), value.length])).toEqual(
            expected.map(([at, value]) => [String(at), value.length]),
          );
          for (const [at, value] of expected) {
            const slot = must(disk.directory.at(disk.directory.indexOf(at)), "a slot");
            const page = must(decodePage(must(disk.pages.get(String(slot.bound)), "a page")), "a valid page");
            expect(findIn(page, at)?.length).toBe(value.length);
          }
        }
      }),
      { seed: 62, numRuns: 150 },
    );
  });

  const row = (i: number, length = 100): readonly [Uint8Array, Uint8Array] => [
    Uint8Array.of(1, 1, i >> 8, i & 255),
    new Uint8Array(length),
  ];

  it("fills pages that are written in order", () => {
    const disk = new Disk();
    for (let i = 0; i < 20_000; i += 100) disk.flush(Array.from({ length: 100 }, (_, j) => row(i + j)));
    const bytes = [...disk.pages.values()].reduce((sum, page) => sum + page.length, 0);
    expect(bytes / disk.pages.size / PAGE_BYTES_MAX).toBeGreaterThan(0.9);
  });

  it("gives pages back as rows are deleted, down to none", () => {
    const disk = new Disk();
    disk.flush(Array.from({ length: 10_000 }, (_, i) => row(i)));
    const full = disk.pages.size;
    disk.flush(
      Array.from({ length: 10_000 }, (_, i) => i).flatMap((i) => (i % 10 === 0 ? [] : [[row(i)[0], undefined]])),
    );
    disk.flush(
      Array.from({ length: 1000 }, (_, i) => i * 10).flatMap((i) => (i % 20 === 0 ? [] : [[row(i)[0], undefined]])),
    );
    expect(disk.rows()).toHaveLength(500);
    expect(disk.pages.size).toBeLessThan(full / 8);
    const bytes = [...disk.pages.values()].reduce((sum, page) => sum + page.length, 0);
    expect(bytes / disk.pages.size).toBeGreaterThan(PAGE_BYTES_MIN);
    expect(bytes / disk.pages.size).toBeLessThanOrEqual(JOINED_BYTES_MAX);
    disk.flush(Array.from({ length: 10_000 }, (_, i) => [row(i)[0], undefined] as const));
    expect(disk.pages.size).toBe(0);
  });

  it("writes only the pages that change", () => {
    const disk = new Disk();
    disk.flush(Array.from({ length: 10_000 }, (_, i) => row(i)));
    const overlay = new Overlay();
    overlay.add([{ kind: "put", key: row(77)[0], value: new Uint8Array(100) }]);
    overlay.add([{ kind: "delete", key: Uint8Array.of(1, 1, 255) }]);
    for (let i = 0; i < disk.directory.size; i++) {
      const { bound } = must(disk.directory.at(i), "a slot");
      disk.directory.set(bound, decodePage(must(disk.pages.get(String(bound)), "a page")));
    }
    const plan = planFlush(disk.directory, overlay.group());
    expect(plan.kind === "ready" && [plan.written.length, plan.removed.length]).toEqual([1, 0]);
  });
});
