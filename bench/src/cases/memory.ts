/**
 * What states keep in memory for each entry, beside the class-per-register port: bytes, those of strings among them, and
 * objects that are no strings. Strings are counted apart, since both hold the same. And a snapshot to look into.
 */
import { writeHeapSnapshot } from "node:v8";
import type { Document, Transaction } from "@dunlin/core/crdt";
import type { Figures } from "../isolated.ts";
import { keep } from "../measure.ts";
import { DatedMap, PlainCounter, PlainMap } from "../reference/plain-crdt.ts";
import { openDocument, originAfter } from "../subject.ts";
import { census } from "./census.ts";
import { usedBytes } from "./heap.ts";

const MEMORY_ENTRIES = 100_000;
const BATCH = 1000;
const FIELDS = ["title", "version", "author", "state", "rank"];

type Kind = "map" | "records" | "wideRecords" | "counters" | "counterFields";

/** Each state is made after the one before is gone. */
export async function memory(): Promise<Figures> {
  return {
    ...(await figuresOf("map", () => filledDocument("map"))),
    ...(await figuresOf("records", () => filledDocument("records"))),
    ...(await figuresOf("wideRecords", () => filledDocument("wideRecords"))),
    ...(await figuresOf("counters", () => filledDocument("counters"))),
    ...(await figuresOf("counterFields", () => filledDocument("counterFields"))),
    ...(await figuresOf("plainMap", () => filledPlain(new PlainMap<string>()))),
    ...(await figuresOf("datedMap", () => filledPlain(new DatedMap()))),
    ...(await figuresOf("plainRecords", () => filledPlainRecords(2))),
    ...(await figuresOf("plainWideRecords", () => filledPlainRecords(FIELDS.length))),
    ...(await figuresOf("plainCounters", filledPlainCounters)),
    ...(await figuresOf("emptied", emptiedDocument)),
  };
}

/** Holds a map of 100,000 entries while the snapshot is written to the file that `input` names. */
export function heapSnapshot(_runs: number, input: string): Figures {
  keep(filledDocument("map"));
  writeHeapSnapshot(input);
  return {};
}

async function figuresOf(name: string, make: () => unknown): Promise<Figures> {
  const before = await census();
  const bytesBefore = usedBytes();
  keep(make());
  const bytes = usedBytes() - bytesBefore;
  const { objects, stringBytes } = await census();
  keep(undefined);
  return {
    [name]: [bytes / MEMORY_ENTRIES],
    [`${name}Strings`]: [(stringBytes - before.stringBytes) / MEMORY_ENTRIES],
    [`${name}Objects`]: [(objects - before.objects) / MEMORY_ENTRIES],
  };
}

/** A map that was filled, and emptied again in one transaction. */
function emptiedDocument(): Document {
  const document = filledDocument("map");
  const transaction = document.begin(originAfter(document));
  const map = transaction.field("map", "entries");
  for (let i = 0; i < MEMORY_ENTRIES; i++) map.delete(`key-${i}`);
  transaction.commit();
  document.takeDirty();
  return document;
}

/** By thousands: what one transaction may create is bounded. */
function filledDocument(kind: Kind): Document {
  const document = openDocument();
  for (let start = 0; start < MEMORY_ENTRIES; start += BATCH) {
    const transaction = document.begin(originAfter(document));
    for (let i = start; i < start + BATCH; i++) addEntry(transaction, kind, i);
    transaction.commit();
  }
  document.takeDirty();
  return document;
}

function addEntry(transaction: Transaction, kind: Kind, i: number): void {
  if (kind === "map") transaction.field("map", "entries").set(`key-${i}`, `value-${i}`);
  else if (kind === "counters") transaction.field("map", "entries").child("counter", `key-${i}`).add(1);
  else {
    const editor = transaction.field("records", "entries").insert(`key-${i}`);
    if (kind === "counterFields") editor.add("count", 1);
    else {
      const count = kind === "records" ? 2 : FIELDS.length;
      for (let field = 0; field < count; field++) editor.set(FIELDS[field] as string, contentOf(field, i));
    }
  }
}

/** Texts and numbers in turns. */
function contentOf(field: number, i: number): string | number {
  return field % 2 === 0 ? `Value ${i}` : i;
}

function filledPlain<M extends { insert(key: string, value: string, replica: string): void }>(map: M): M {
  for (let i = 0; i < MEMORY_ENTRIES; i++) map.insert(`key-${i}`, `value-${i}`, "replica");
  return map;
}

/** Documents as the original has them: a map of registers each. */
function filledPlainRecords(fields: number): Map<string, PlainMap<string | number>> {
  const records = new Map<string, PlainMap<string | number>>();
  for (let i = 0; i < MEMORY_ENTRIES; i++) {
    const record = new PlainMap<string | number>();
    for (let field = 0; field < fields; field++) record.insert(FIELDS[field] as string, contentOf(field, i), "replica");
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
