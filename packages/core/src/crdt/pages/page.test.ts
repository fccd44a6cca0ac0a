import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { fuzzDecoder } from "../../../../../tools/fuzz.ts";
import { type ActorId, bytesToHex, must, Writer } from "../../base/index.ts";
import { fieldContainerId } from "../cell-key.ts";
import { CONTAINER_TAGS } from "../container-type.ts";
import { Document } from "../document.ts";
import { hashBytes } from "../key-hash.ts";
import { PAGE_BYTES_MAX, PAGE_ENTRIES_MAX, PAGE_WEIGHT_MAX } from "../limits.ts";
import { collidingKeys } from "../reference/colliding-keys.ts";
import { originOf } from "../reference/draw.ts";
import { MemorySource } from "../reference/memory-source.ts";
import type { Transaction } from "../transaction.ts";
import type { Value } from "../value.ts";
import type { CellRow } from "./cells-page.ts";
import { decodePageBody, encodeCellsPage, readPageHeader } from "./page.ts";

const intern = (bytes: Uint8Array): ActorId => bytes.slice() as ActorId;
const url = new URL("../../../../../fixtures/vectors/pages/valid.json", import.meta.url);

function stateOf(...writes: readonly ((tx: Transaction) => void)[]): Document {
  const document = new Document(new MemorySource());
  for (const [i, write] of writes.entries()) {
    const tx = document.begin(originOf(i * 300 + 1, (i % 2) + 1));
    write(tx);
    tx.commit();
  }
  return document;
}

const VALUES: readonly Value[] = [
  null,
  true,
  -7,
  0.5,
  2n ** 70n,
  "",
  "żółć",
  Uint8Array.of(1, 2),
  [1, "a"],
  { a: null },
];

const maps = {
  "one text": stateOf((tx) => tx.field("map", "m").set("key", "value")),
  "every kind of value": stateOf((tx) => {
    for (const [i, value] of VALUES.entries()) tx.field("map", "m").set(`${i}`, value);
  }),
  "two actors, a deletion and a nested map": stateOf(
    (tx) => {
      for (const key of ["a", "b", "😀"]) tx.field("map", "m").set(key, `${key}!`);
    },
    (tx) => {
      tx.field("map", "m").delete("a");
      tx.field("map", "m").child("map", "nested");
    },
  ),
};

const others = {
  "a register": stateOf((tx) => tx.field("register", "r").set("value")),
  "a counter": stateOf(
    (tx) => tx.field("counter", "c").add(5),
    (tx) => tx.field("counter", "c").add(-3),
  ),
  "a set": stateOf(
    (tx) => tx.field("set", "s").add("a"),
    (tx) => tx.field("set", "s").add(7),
    (tx) => tx.field("set", "s").delete("a"),
  ),
};

function pagesOf(states: { readonly [name: string]: Document }): Uint8Array[] {
  return Object.values(states).flatMap((document) => document.encodeState());
}

describe("a page", () => {
  it("has the bytes of the vectors", () => {
    const vectors = JSON.parse(readFileSync(url, "utf8")) as { readonly [name: string]: readonly string[] };
    const states = Object.entries({ ...maps, ...others });
    expect(Object.fromEntries(states.map(([name, state]) => [name, state.encodeState().map(bytesToHex)]))).toEqual(
      vectors,
    );
  });

  it("of a map decodes only from what it encodes to, whatever the damage", () => {
    const encode = (document: Document): Uint8Array => {
      const pages = document.encodeState();
      expect(pages).toHaveLength(1);
      return pages[0]!;
    };
    // A document whose map is loaded and touched makes its pages anew.
    const decode = (bytes: Uint8Array): Document | undefined => {
      const header = readPageHeader(bytes);
      const loaded = header?.type === "map" ? Document.load([bytes]) : undefined;
      if (header === undefined || !loaded?.ok) return undefined;
      loaded.value.container("map", header.id).mark(0);
      return loaded.value;
    };
    expect(fuzzDecoder({ name: "map page", seed: 81, corpus: pagesOf(maps), decode, encode }).accepted).toBeGreaterThan(
      50,
    );
  });

  it("of cells decodes only from what it encodes to, whatever the damage", () => {
    const decode = (bytes: Uint8Array) => {
      const header = readPageHeader(bytes);
      const body = decodePageBody(bytes, intern);
      return header && body?.kind === "cells" ? { header, rows: body.rows } : undefined;
    };
    const encode = ({ header, rows }: NonNullable<ReturnType<typeof decode>>) =>
      encodeCellsPage(header, rows as [CellRow, ...CellRow[]]);
    expect(
      fuzzDecoder({ name: "cells page", seed: 82, corpus: pagesOf(others), decode, encode }).accepted,
    ).toBeGreaterThan(50);
  });

  it("that holds what its type cannot is refused with its place", () => {
    const id = fieldContainerId("register", "r");
    const page = encodeCellsPage({ type: "register", id }, [[new Uint8Array(0), Uint8Array.of(1, 2, 3)]]);
    const loaded = Document.load([page]);
    expect(loaded).toMatchObject({ ok: false, error: { code: "PAGES_MALFORMED" } });
    expect(!loaded.ok && loaded.error.message).toContain("register ");
  });

  it("out of order, twice or cut short is refused with its number", () => {
    const pages = stateOf((tx) => {
      for (let i = 0; i < 5000; i++) tx.field("map", "m").set(`key-${i}`, `value-${i}`);
    }).encodeState();
    const [first, second] = [pages[0]!, pages[1]!];
    expect(Document.load(pages).ok).toBe(true);
    for (const bad of [
      [second, first],
      [first, first],
      [first, second.slice(0, -1)],
      [first, new Uint8Array(0)],
    ]) {
      expect(Document.load(bad)).toMatchObject({ ok: false, error: { code: "PAGES_MALFORMED" } });
    }
  });

  it("that is malformed and loaded lazily throws when it is touched", () => {
    const page = maps["one text"].encodeState()[0]!;
    const bad = page.slice();
    bad[bad.length - 1] = 0xff;
    const loaded = Document.load([bad], "lazy");
    expect(loaded.ok && (() => loaded.value.field("map", "m").get("key"))).toThrow(/page 0 of the map/);
  });
});

describe("the limits of a page", () => {
  it("cut a map of many entries and one of heavy entries, and take an entry that is heavier alone", () => {
    const many = stateOf((tx) => {
      for (let i = 0; i <= PAGE_ENTRIES_MAX; i++) tx.field("map", "m").set(`${i}`, 0);
    });
    expect(many.encodeState().length).toBe(2);
    const heavy = stateOf((tx) => {
      for (const key of ["a", "b", "c"]) tx.field("map", "m").set(key, "x".repeat(PAGE_WEIGHT_MAX));
    });
    expect(heavy.encodeState().length).toBe(3);
    expect(Document.load(heavy.encodeState()).ok).toBe(true);
  });

  it("cut keys that share all bits of their hash in order", () => {
    const keys = collidingKeys(PAGE_ENTRIES_MAX * 2);
    const state = stateOf((tx) => {
      for (const key of keys) tx.field("map", "m").set(key, 1);
    });
    const pages = state.encodeState();
    expect(pages.length).toBeGreaterThanOrEqual(2);
    expect(new Set(pages.map((page) => readPageHeader(page)?.firstHash)).size).toBe(1);
    const loaded = Document.load(pages, "lazy");
    expect(loaded.ok && keys.every((key) => loaded.value.field("map", "m").get(key) === 1)).toBe(true);
  });

  it("refuse more entries or bytes", () => {
    const id = fieldContainerId("set", "s");
    const start = (count: number) =>
      new Writer()
        .u8(1)
        .u8(CONTAINER_TAGS.set)
        .raw(id)
        .u32(hashBytes(new Uint8Array(0)))
        .varint(count);
    const filler = new Uint8Array(PAGE_ENTRIES_MAX * 4);
    expect(readPageHeader(start(PAGE_ENTRIES_MAX).raw(filler).toBytes())?.count).toBe(PAGE_ENTRIES_MAX);
    expect(
      readPageHeader(
        start(PAGE_ENTRIES_MAX + 1)
          .raw(filler)
          .toBytes(),
      ),
    ).toBeUndefined();
    const long = new Uint8Array(PAGE_BYTES_MAX + 1);
    long.set(must(pagesOf(others)[0], "there is one"));
    expect(readPageHeader(long.subarray(0, PAGE_BYTES_MAX))).toBeDefined();
    expect(readPageHeader(long)).toBeUndefined();
  });
});
