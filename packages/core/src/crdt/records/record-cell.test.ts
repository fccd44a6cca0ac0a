import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { fuzzDecoder } from "../../../../../tools/fuzz.ts";
import {
  type ActorId,
  actorId,
  bytesToHex,
  createPrng,
  hexToBytes,
  must,
  type Stamp,
  Writer,
} from "../../base/index.ts";
import { GENERATION_ZERO } from "../cell-key.ts";
import { decodeCell, encodeCell } from "../cells/cell-kind.ts";
import { createSetEntry } from "../cells/set-element.ts";
import { decodeJoins, encodeJoins } from "../joins/joins.ts";
import { actorOf } from "../reference/draw.ts";
import { drawRecordCell, drawRecordJoins } from "../reference/draw-records.ts";
import { checkCellLaws } from "../reference/laws.ts";
import { LastField } from "./fields/last-field.ts";
import {
  FIELD_NAME_IN_RECORD_BYTES_MAX,
  RECORD_ELEMENTS_MAX,
  RECORD_FIELDS_DECODED_MAX,
  RECORD_ID_BYTES_MAX,
} from "./limits.ts";
import * as record from "./record-cell.ts";

/** As a document interns: equal actors are one object, up to the size of its table. */
const intern = (bytes: Uint8Array): ActorId =>
  bytes[0] === bytes[1] ? actorOf(bytes[0] ?? 0) : actorId(bytes.slice());

function join(count: number, prng = createPrng(count)): record.RecordCell {
  let cell = drawRecordCell(prng);
  for (let i = 1; i < count; i++) cell = record.join(cell, drawRecordCell(prng));
  return cell;
}

describe("a record", () => {
  it("obeys the laws of a join-semilattice and of its codec", () => {
    const prng = createPrng(61);
    for (let run = 0; run < 4_000; run++) checkCellLaws(record, drawRecordCell, prng, intern);
  });

  it("decodes only from what it encodes to, whatever the damage", () => {
    const prng = createPrng(62);
    const corpus = Array.from({ length: 300 }, () => encodeCell(record, join(1 + prng.below(4), prng)));
    const decode = (bytes: Uint8Array) => decodeCell(record, bytes, (actor) => actorId(actor.slice()));
    const encode = (cell: record.RecordCell) => encodeCell(record, cell);
    const report = fuzzDecoder({ name: "record", seed: 62, corpus, decode, encode });
    expect(report.accepted).toBeGreaterThan(300);
  });

  it("writes a stamp and its author once, however many fields share them", () => {
    const origin = { stamp: 3_000_000 as Stamp, actor: actorOf(9) };
    const fields = (count: number) =>
      Array.from({ length: count }, (_, i) => record.createField("last", `f${i}`, new LastField(i, origin)));
    const bytes = (count: number): number =>
      encodeCell(record, record.documentOf(GENERATION_ZERO, fields(count))).length;
    // Kind, length and name, number of the pair, tag and value.
    expect(bytes(9) - bytes(8)).toBe(1 + 3 + 1 + 2);
  });

  it("keeps many actors and pairs apart", () => {
    const counter = Array.from({ length: 200 }, (_, i) => ({ actor: actorOf(i), added: 1 + i, subtracted: 0 }));
    const pairs = Array.from({ length: 200 }, (_, i) =>
      record.createField(
        "last",
        `f${String(i).padStart(3, "0")}`,
        new LastField(i, { stamp: (1 + (i % 50)) as Stamp, actor: actorOf(i % 40) }),
      ),
    );
    // In the order of the tags of their kinds.
    const fields = [...pairs, record.createField("counter", "c", counter)];
    const cell = record.documentOf(GENERATION_ZERO, fields);
    const bytes = encodeCell(record, cell);
    expect(encodeCell(record, must(decodeCell(record, bytes, intern), "it decodes"))).toEqual(bytes);
  });

  it("is refused above each limit and accepted at it", () => {
    const one = (name: string) => new Writer().u8(0).varint(1).u8(7).string(name).varint(2).toBytes();
    const accepts = (bytes: Uint8Array): boolean => decodeCell(record, bytes, intern) !== undefined;
    expect(accepts(one("n".repeat(FIELD_NAME_IN_RECORD_BYTES_MAX)))).toBe(true);
    expect(accepts(one("n".repeat(FIELD_NAME_IN_RECORD_BYTES_MAX + 1)))).toBe(false);
    expect(accepts(one(""))).toBe(false);
    const many = (count: number): Uint8Array => {
      const writer = new Writer().u8(0).varint(count);
      for (let i = 0; i < count; i++) writer.u8(7).string(i.toString(16).padStart(5, "0")).varint(2);
      return writer.toBytes();
    };
    expect(accepts(many(RECORD_FIELDS_DECODED_MAX))).toBe(true);
    expect(accepts(many(RECORD_FIELDS_DECODED_MAX + 1))).toBe(false);
    const key = (length: number) => record.bytesToKey(new Uint8Array(length).fill(97));
    expect(key(RECORD_ID_BYTES_MAX)?.length).toBe(RECORD_ID_BYTES_MAX);
    expect([key(RECORD_ID_BYTES_MAX + 1), key(0), record.bytesToKey(Uint8Array.of(0xff))]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it("is refused with more elements in a set than it may have", () => {
    const cell = [createSetEntry(actorOf(1), 1, 0)];
    const accepts = (count: number): boolean => {
      const keys = Array.from({ length: count }, (_, i) => `s${i.toString(16).padStart(5, "0")}`);
      const parts = keys.map((key) => ({ key, element: key.slice(1), cell }));
      const fields = [record.createField("set", "tags", parts)];
      const bytes = encodeCell(record, record.documentOf(GENERATION_ZERO, fields));
      return decodeCell(record, bytes, intern) !== undefined;
    };
    expect([accepts(RECORD_ELEMENTS_MAX), accepts(RECORD_ELEMENTS_MAX + 1)]).toEqual([true, false]);
  });

  it("is refused when a deletion is not above its generation", () => {
    const actor = actorOf(1);
    const cell = (stamp: number) => {
      const writer = new Writer().u8(3).varint(0).varint(5).varint(0).raw(actor);
      if (stamp === 5) return writer.varint(0).toBytes();
      return writer.varint(1).varint(stamp).varint(0).toBytes();
    };
    expect(decodeCell(record, cell(6), intern)?.deleted?.stamp).toBe(6);
    expect(decodeCell(record, cell(5), intern)).toBeUndefined();
    expect(decodeCell(record, cell(4), intern)).toBeUndefined();
  });
});

describe("joins of records", () => {
  it("cost a name once and the rest a few bytes for each document", () => {
    const bytes = (count: number): number => {
      const places = Array.from({ length: count }, (_, i) => i);
      const columns = ["title", "done"].map((name) => ({
        kind: "last" as const,
        name,
        places,
        joins: places.map(() => true),
      }));
      columns.reverse();
      const ids = places.map((i) => `id${String(i).padStart(4, "0")}`);
      return encodeJoins([{ type: "records", name: "todos", joins: { ids, marks: [], columns } }]).length;
    };
    expect(bytes(1_100) - bytes(1_000)).toBe(100 * (7 + 2));
  });
});

describe("the vectors", () => {
  const url = new URL("../../../../../fixtures/vectors/records/valid.json", import.meta.url);
  const vectors = JSON.parse(readFileSync(url, "utf8")) as { cells: string[]; joins: string[] };

  it("decode, and encode to the same bytes", () => {
    expect([vectors.cells.length, vectors.joins.length]).toEqual([12, 12]);
    for (const hex of vectors.cells) {
      const cell = must(decodeCell(record, must(hexToBytes(hex), "hexadecimal"), intern), "a valid cell");
      expect(bytesToHex(encodeCell(record, cell))).toBe(hex);
    }
    for (const hex of vectors.joins) {
      const joins = must(decodeJoins(must(hexToBytes(hex), "hexadecimal"), intern), "valid joins");
      expect(bytesToHex(encodeJoins(joins))).toBe(hex);
    }
  });

  it("are what the drawing of today still makes", () => {
    const prng = createPrng(63);
    const cells = Array.from({ length: 12 }, () => bytesToHex(encodeCell(record, join(1 + prng.below(3), prng))));
    const joins = Array.from({ length: 12 }, () =>
      bytesToHex(encodeJoins([{ type: "records", name: "todos", joins: drawRecordJoins(prng) }])),
    );
    expect({ cells, joins }).toEqual({ cells: vectors.cells, joins: vectors.joins });
  });
});
