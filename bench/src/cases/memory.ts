/** What states keep in memory, in bytes an entry, beside the class-per-register port; and a snapshot to look into. */
import { writeHeapSnapshot } from "node:v8";
import type { Transaction } from "@dunlin/core/crdt";
import type { Figures } from "../isolated.ts";
import { keep } from "../measure.ts";
import { PlainCounter, PlainMap } from "../reference/plain-crdt.ts";
import { openDocument, originAfter } from "../subject.ts";
import { usedBytes } from "./heap.ts";

const MEMORY_ENTRIES = 100_000;
const BATCH = 1000;

/** Each state is made after the one before is gone. */
export function memory(): Figures {
  return {
    map: [bytesEach(() => filledDocument("map"))],
    records: [bytesEach(() => filledDocument("records"))],
    counters: [bytesEach(() => filledDocument("counters"))],
    plainMap: [bytesEach(filledPlainMap)],
    plainRecords: [bytesEach(filledPlainRecords)],
    plainCounters: [bytesEach(filledPlainCounters)],
    afterDelete: [bytesLeft()],
  };
}

/** Holds a map of 100,000 entries while the snapshot is written to the file that `input` names. */
export function heapSnapshot(_runs: number, input: string): Figures {
  keep(filledDocument("map"));
  writeHeapSnapshot(input);
  return {};
}

function bytesEach(make: () => unknown): number {
  const before = usedBytes();
  keep(make());
  const grown = usedBytes() - before;
  keep(undefined);
  return grown / MEMORY_ENTRIES;
}

/** What a map that was filled and emptied keeps for each entry that it had. */
function bytesLeft(): number {
  const before = usedBytes();
  const document = filledDocument("map");
  const transaction = document.begin(originAfter(document));
  const map = transaction.field("map", "entries");
  for (let i = 0; i < MEMORY_ENTRIES; i++) map.delete(`key-${i}`);
  transaction.commit();
  document.takeDirty();
  const grown = usedBytes() - before;
  keep(document);
  return grown / MEMORY_ENTRIES;
}

/** By thousands: what one transaction may create is bounded. */
function filledDocument(kind: "map" | "records" | "counters") {
  const document = openDocument();
  for (let start = 0; start < MEMORY_ENTRIES; start += BATCH) {
    const transaction = document.begin(originAfter(document));
    for (let i = start; i < start + BATCH; i++) addEntry(transaction, kind, i);
    transaction.commit();
  }
  document.takeDirty();
  return document;
}

function addEntry(transaction: Transaction, kind: "map" | "records" | "counters", i: number): void {
  if (kind === "map") transaction.field("map", "entries").set(`key-${i}`, `value-${i}`);
  else if (kind === "counters") transaction.field("map", "entries").child("counter", `key-${i}`).add(1);
  else {
    const editor = transaction.field("records", "entries").insert(`key-${i}`);
    editor.set("title", `Title ${i}`);
    editor.set("version", i);
  }
}

function filledPlainMap(): PlainMap<string> {
  const map = new PlainMap<string>();
  for (let i = 0; i < MEMORY_ENTRIES; i++) map.insert(`key-${i}`, `value-${i}`, "replica");
  return map;
}

/** A document as the original has them: a map of registers each. */
function filledPlainRecords(): Map<string, PlainMap<string | number>> {
  const records = new Map<string, PlainMap<string | number>>();
  for (let i = 0; i < MEMORY_ENTRIES; i++) {
    const record = new PlainMap<string | number>();
    record.insert("title", `Title ${i}`, "replica");
    record.insert("version", i, "replica");
    records.set(`key-${i}`, record);
  }
  return records;
}

function filledPlainCounters(): Map<string, PlainCounter> {
  const counters = new Map<string, PlainCounter>();
  for (let i = 0; i < MEMORY_ENTRIES; i++) {
    const counter = new PlainCounter();
    counter.increment("replica");
    counters.set(`key-${i}`, counter);
  }
  return counters;
}
