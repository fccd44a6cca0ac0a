import { describe, expect, it } from "vitest";
import { createPrng, type RangeOptions } from "../../base/index.ts";
import { Document } from "../document.ts";
import { originOf } from "../reference/draw.ts";
import { MemorySource } from "../reference/memory-source.ts";
import type { RecordsWriter } from "./records.ts";

class CountingSource extends MemorySource {
  reads = 0;

  override get(key: Uint8Array): Uint8Array | undefined {
    this.reads++;
    return super.get(key);
  }

  override range(options: RangeOptions) {
    this.reads++;
    return super.range(options);
  }
}

/** Records leave memory as soon as they may, so that every look-up goes to the source or to the gap. */
function open(source: MemorySource) {
  const document = new Document(source, { recordCacheBytes: 1 });
  return {
    write(work: (records: RecordsWriter) => void): void {
      const tx = document.begin(originOf(document.lastStamp + 1, 1));
      work(tx.field("records", "todos"));
      tx.commit();
    },
    flush: () => source.put(document.takeDirty()),
    has: (id: string) => document.field("records", "todos").has(id),
  };
}

describe("what the source lacks", () => {
  it("costs no read for each document of a bulk between two others, in whatever order", () => {
    const source = new CountingSource();
    const { write, flush } = open(source);
    write((todos) => {
      for (const id of ["a", "z"]) todos.insert(id);
    });
    flush();
    source.reads = 0;
    write((todos) => {
      for (let i = 0; i < 1_000; i++) todos.insert(`item_${(i * 7) % 1_000}`);
    });
    expect(source.reads).toBeLessThan(10);
    flush();
    source.reads = 0;
    write((todos) => {
      for (let i = 0; i < 1_000; i++) todos.edit(`item_${i}`).set("n", i);
    });
    expect(source.reads).toBeGreaterThanOrEqual(1_000);
  });

  it("costs one read for each document that is inserted alone, and none above all others", () => {
    const source = new CountingSource();
    const { write, flush } = open(source);
    write((todos) => todos.insert("m"));
    flush();
    source.reads = 0;
    for (let i = 0; i < 100; i++) {
      write((todos) => todos.insert(`a${i}`));
      flush();
    }
    expect(source.reads).toBe(100);
    for (let i = 100; i < 200; i++) {
      write((todos) => todos.insert(`z${i}`));
      flush();
    }
    expect(source.reads).toBe(100);
  });

  it("is asked for seldom where every document falls between others", () => {
    const source = new CountingSource();
    const { write, flush } = open(source);
    write((todos) => {
      for (let i = 0; i < 1_000; i++) todos.insert(`${i}`.padStart(4, "0"));
    });
    flush();
    source.reads = 0;
    write((todos) => {
      for (let i = 0; i < 999; i++) todos.insert(`${i}`.padStart(4, "0").concat("-"));
    });
    expect(source.reads).toBeLessThan(999 * 1.1);
  });

  it("is never anything that is there, after any history", () => {
    const prng = createPrng(72);
    for (let run = 0; run < 40; run++) {
      const { write, flush, has } = open(new MemorySource());
      const there = new Set<string>();
      for (let step = 0; step < 60; step++) {
        const ids = Array.from({ length: 1 + prng.below(6) }, () => prng.pick(["a", "m", "ż", "😀"]) + prng.below(6));
        write((todos) => {
          for (const id of ids) {
            expect(todos.has(id)).toBe(there.has(id));
            if (todos.delete(id)) there.delete(id);
            else {
              todos.insert(id).set("n", step);
              there.add(id);
            }
          }
        });
        if (prng.chance(0.6)) flush();
        const id = prng.pick(["a", "m", "ż", "😀"]) + prng.below(6);
        expect(has(id)).toBe(there.has(id));
      }
    }
  });
});
