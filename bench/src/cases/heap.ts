/** What 100,000 entries keep in memory, in megabytes: heap and array buffers after a full collection, less those before. */
import type { Figures } from "../isolated.ts";
import { keep } from "../measure.ts";
import { openDocument, originAfter } from "../subject.ts";
import { ENTRIES } from "./map.ts";

export function heap(): Figures {
  return {
    heapMB: [
      grownMB(() => {
        const document = openDocument();
        const transaction = document.begin(originAfter(document));
        for (let i = 0; i < ENTRIES; i++) transaction.field("map", "entries").set(`key-${i}`, `value-${i}`);
        transaction.commit();
        document.takeDirty();
        return document;
      }),
    ],
  };
}

export function plainHeap(): Figures {
  return {
    plainHeapMB: [
      grownMB(() => {
        const entries = new Map<string, string>();
        for (let i = 0; i < ENTRIES; i++) entries.set(`key-${i}`, `value-${i}`);
        return entries;
      }),
    ],
  };
}

function grownMB(make: () => unknown): number {
  const before = usedBytes();
  keep(make());
  return (usedBytes() - before) / 1e6;
}

export function usedBytes(): number {
  const { gc } = globalThis as { gc?: () => void };
  if (gc === undefined) throw new Error("heap figures need node --expose-gc");
  for (let i = 0; i < 3; i++) gc();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
