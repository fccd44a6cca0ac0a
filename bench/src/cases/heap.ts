/**
 * What 100,000 entries keep in memory: heap and array buffers after a full collection, less those before, in megabytes;
 * and how many objects, by a snapshot of the heap. What is left of it once they are rolled back or let go.
 */
import { getHeapSnapshot } from "node:v8";
import type { Document } from "@dunlin/core/crdt";
import type { Figures } from "../isolated.ts";
import { keep } from "../measure.ts";
import { PlainMap, plainReplica } from "../reference/plain-crdt.ts";
import { openDocument, originAfter } from "../subject.ts";
import { ENTRIES } from "./map.ts";

export function heap(): Figures {
  return { heapMB: [grownMB(() => filled())] };
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

/** A class for a register, as a plain port has it. */
export function registerHeap(): Figures {
  return { registerHeapMB: [grownMB(() => filledPort())] };
}

export async function objects(): Promise<Figures> {
  return { objects: [await grownObjects(() => filled())] };
}

export async function registerObjects(): Promise<Figures> {
  return { registerObjects: [await grownObjects(() => filledPort())] };
}

/** What a rolled back transaction of as many entries leaves behind, and what a document does that let go of all. */
export function heapAfter(): Figures {
  const document = openDocument();
  write(document, 1);
  const rolledBackMB = grownMB(() => {
    const transaction = document.begin(originAfter(document));
    for (let i = 0; i < ENTRIES; i++) transaction.field("map", "entries").set(`key-${i}`, `value-${i}`);
    transaction.rollback();
  });
  const releasedMB = grownMB(() => {
    write(document, ENTRIES);
    document.takeDirty();
    document.release();
  });
  return { rolledBackMB: [rolledBackMB], releasedMB: [releasedMB] };
}

function filled(): Document {
  const document = openDocument();
  write(document, ENTRIES);
  document.takeDirty();
  return document;
}

function filledPort(): PlainMap<string> {
  const map = new PlainMap<string>();
  const replica = plainReplica();
  for (let i = 0; i < ENTRIES; i++) map.insert(`key-${i}`, `value-${i}`, replica);
  return map;
}

function write(document: Document, count: number): void {
  const transaction = document.begin(originAfter(document));
  for (let i = 0; i < count; i++) transaction.field("map", "entries").set(`key-${i}`, `value-${i}`);
  transaction.commit();
}

async function grownObjects(make: () => unknown): Promise<number> {
  const before = await countObjects();
  keep(make());
  return (await countObjects()) - before;
}

/** A snapshot begins with its counts. */
async function countObjects(): Promise<number> {
  let head = "";
  for await (const chunk of getHeapSnapshot()) if (head.length < 10_000) head += String(chunk);
  const count = /"node_count":(\d+)/.exec(head)?.[1];
  if (count === undefined) throw new Error("a heap snapshot has no count of nodes");
  return Number(count);
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
