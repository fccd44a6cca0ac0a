/** A map of 100,000 entries: written in one transaction, sent, stored, loaded, hashed. Beside it `Map`, JSON, SHA-256. */
import { createHash } from "node:crypto";
import { type Entry, packBlock, type Result, unpackBlock } from "@dunlin/core/base";
import { Document, textPlugin } from "@dunlin/core/crdt";
import { zlibCompression } from "@dunlin/store/compression";
import type { Figures } from "../isolated.ts";
import { keep } from "../measure.ts";
import { openDocument, originAfter } from "../subject.ts";
import { Samples } from "./samples.ts";

export const ENTRIES = 100_000;
/** More than any page here. */
const PAGE_BYTES_MAX = 1_048_576;
const CHANGED = 1000;
const ROOTS_ALONE = 300;

export function map(runs: number): Figures {
  const samples = new Samples();
  for (let run = 0; run < runs; run++) {
    const document = openDocument();
    const transaction = document.begin(originAfter(document));
    const started = performance.now();
    const writer = transaction.field("map", "entries");
    for (let i = 0; i < ENTRIES; i++) writer.set(`key-${i}`, `value-${i}`);
    samples.add("sets", performance.now() - started);
    const joins = transaction.commit() ?? new Uint8Array();
    samples.add("setsWithWire", performance.now() - started);
    samples.add("wireBytes", joins.length);

    const other = openDocument();
    samples.time("apply", () => other.apply(joins, originAfter(other)));
    encodeAndLoad(samples, document);
    const cells = samples.time("take", () => document.takeDirty());
    const entries = cells.map(({ key, value }): Entry => [key, value]);
    const source = { get: () => undefined, range: ({ limit }: { limit?: number }) => entries.slice(0, limit) };
    const loaded = new Document(source, textPlugin);
    samples.time("open", () => keep(loaded.field("map", "entries").size));

    samples.time("rootBuild", () => keep(loaded.root()));
    changeAndHash(samples, loaded, run);
  }
  return samples.figures;
}

/** The state as compressed pages and back, all of it and with one entry looked at. */
function encodeAndLoad(samples: Samples, document: Document): void {
  const pages = samples.time("encode", () => document.encodeState());
  const blocks = samples.time("deflate", () => pages.map((page) => packBlock(page, zlibCompression)));
  samples.add("encodedMB", sum(blocks) / 1e6);
  const inflated = samples.time("inflate", () => blocks.map(unpack));
  const loaded = samples.time("load", () => must(Document.load(inflated, textPlugin)));
  if (loaded.field("map", "entries").size !== ENTRIES) throw new Error("not all entries were loaded");
  const lazy = samples.time("loadLazily", () => {
    const opened = must(Document.load(inflated, textPlugin, "lazy"));
    keep(opened.field("map", "entries").get("key-77"));
    return opened;
  });
  samples.time("handOn", () => keep(lazy.encodeState()));
}

function unpack(block: Uint8Array): Uint8Array {
  return must(unpackBlock(block, PAGE_BYTES_MAX, zlibCompression));
}

function must<T>(result: Result<T, unknown>): T {
  if (!result.ok) throw new Error("what was encoded is refused", { cause: result.error });
  return result.value;
}

function sum(parts: readonly Uint8Array[]): number {
  return parts.reduce((total, part) => total + part.length, 0);
}

function changeAndHash(samples: Samples, document: Document, run: number): void {
  const transaction = document.begin(originAfter(document));
  const writer = transaction.field("map", "entries");
  for (let i = 0; i < CHANGED; i++) writer.set(`key-${(i * 97 + run) % ENTRIES}`, `changed-${i}-${run}`);
  transaction.commit();
  samples.time("rootAfter1000", () => keep(document.root()));

  let rootMs = 0;
  for (let i = 0; i < ROOTS_ALONE; i++) {
    const single = document.begin(originAfter(document));
    single.field("map", "entries").set(`key-${(i * 613 + run) % ENTRIES}`, `alone-${i}-${run}`);
    single.commit();
    const started = performance.now();
    keep(document.root());
    rootMs += performance.now() - started;
  }
  samples.add("rootAfterOne", rootMs / ROOTS_ALONE);
}

/** The references: the same entries in a `Map`, as JSON with stamp and actor, and the bytes of 1000 cells hashed. */
export function plainMap(runs: number): Figures {
  const samples = new Samples();
  for (let run = 0; run < runs; run++) {
    samples.time("plainSets", () => {
      const entries = new Map<string, string>();
      for (let i = 0; i < ENTRIES; i++) entries.set(`key-${i}`, `value-${i}`);
      keep(entries);
    });
    const state = new Map<string, unknown>();
    for (let i = 0; i < ENTRIES; i++) {
      state.set(`key-${i}`, { value: `value-${i}`, stamp: Date.now() * 2048 + i, actor: "AQEBAQEBAQEBAQEBAQEBAQ" });
    }
    const json = samples.time("jsonEncode", () => JSON.stringify([...state]));
    samples.add("jsonMB", json.length / 1e6);
    samples.time("jsonDecode", () => keep(new Map(JSON.parse(json) as [string, unknown][])));
    hashBytes(samples);
  }
  return samples.figures;
}

/** Key and value of a cell, hashed at once. */
const CELL_BYTES = 78;

function hashBytes(samples: Samples): void {
  const bytes = new Uint8Array(CELL_BYTES * CHANGED).fill(7);
  const hashAll = (): void => {
    for (let i = 0; i < CHANGED; i++) {
      const cell = bytes.subarray(i * CELL_BYTES, (i + 1) * CELL_BYTES);
      keep(createHash("sha256").update(cell).digest());
    }
  };
  samples.time("sha1000", hashAll);
  samples.add("shaOne", (samples.figures["sha1000"]?.at(-1) ?? Number.NaN) / CHANGED);
}
