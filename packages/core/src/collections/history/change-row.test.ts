import { readFileSync } from "node:fs";
import { createMemoryStore } from "@dunlin/store/memory";
import { describe, expect, it } from "vitest";
import { fuzzDecoder } from "../../../../../tools/fuzz.ts";
import { bytesToHex, containerId, contextId, utf8, type WriteOperation } from "../../base/index.ts";
import { GENERATION_ZERO, type RecordCell } from "../../crdt/index.ts";
import { documentOf } from "../../crdt/records/record-cell.ts";
import { ChangeLog } from "./change-log.ts";
import { type ChangeRow, changeKey, changeRange, decodeChangeRow, encodeChangeRow, lastOrderOf } from "./change-row.ts";
import { CHANGE_ROW_BYTES_SOFT, CHANGES_PER_ROW_MAX, FIELDS_PER_CHANGE_MAX, ORDER_MAX } from "./limits.ts";

const path = new URL("../../../../../fixtures/vectors/change-rows/valid.json", import.meta.url);
const { rows } = JSON.parse(readFileSync(path, "utf8")) as {
  readonly rows: readonly { readonly row: ChangeRow; readonly hex: string }[];
};

/** In the vectors a container is a byte, 32 times. */
const container = (byte: unknown) => containerId(new Uint8Array(32).fill(Number(byte)));
const context = contextId(new Uint8Array(32).fill(1));
const vectorRow = (row: ChangeRow): ChangeRow => ({
  ...row,
  changes: row.changes.map((change) => ({ ...change, container: container(change.container) })),
});

describe("rows of the change log", () => {
  it("have one encoding", () => {
    const corpus = rows.map(({ row }) => encodeChangeRow(vectorRow(row)));
    const fuzzed = { name: "change row", seed: 71, corpus, decode: decodeChangeRow, encode: encodeChangeRow };
    expect(fuzzDecoder(fuzzed).accepted).toBeGreaterThan(100);
  });

  it("are those of the vectors", () => {
    for (const { row, hex } of rows) {
      const bytes = encodeChangeRow(vectorRow(row));
      expect(bytesToHex(bytes)).toBe(hex);
      expect(decodeChangeRow(bytes)).toEqual(vectorRow(row));
    }
  });

  it("are refused above their limits", () => {
    const change = { effect: "update", origin: "here", offset: 0, container: container(2), id: "a" } as const;
    const row = (changes: ChangeRow["changes"], count = 1): ChangeRow => ({ count, local: 0, changes });
    const fields = Array.from({ length: FIELDS_PER_CHANGE_MAX }, () => "a");
    const isTaken = (given: ChangeRow) => decodeChangeRow(encodeChangeRow(given)) !== undefined;
    expect(isTaken(row([{ ...change, fields }]))).toBe(true);
    expect(isTaken(row([{ ...change, fields: [...fields, "a"] }]))).toBe(false);
    const changes = Array.from({ length: CHANGES_PER_ROW_MAX }, () => ({ ...change, fields: [] }));
    expect(isTaken(row(changes, ORDER_MAX))).toBe(true);
    expect(isTaken(row([...changes, ...changes.slice(0, 1)]))).toBe(false);
    expect(isTaken(row(changes, ORDER_MAX + 1))).toBe(false);
    expect(isTaken(row([]))).toBe(false);
  });

  it("lie in the order of their commits", async () => {
    const store = createMemoryStore();
    const keys = [changeKey(context, 255, 0), changeKey(context, 256, 0), changeKey(context, 0x1_0000_0001, 3)];
    await store.commit(keys.map((key) => ({ kind: "put", key, value: utf8("x") })));
    const found = (first: number, end: number) =>
      [...store.range(changeRange(context, { first, end }))].map(([key]) => lastOrderOf(key));
    expect(found(0, 256)).toEqual([255]);
    expect(found(256, 2 ** 40)).toEqual([256, 0x1_0000_0001]);
  });
});

describe("the change log", () => {
  const cell = (name: string, count = 1): RecordCell =>
    documentOf(
      GENERATION_ZERO,
      Array.from({ length: count }, (_, i) => ({
        kind: "child" as const,
        name: `${name}${String(i).padStart(5, "0")}`,
        cell: 1,
      })),
    );
  const take = (log: ChangeLog, orders: { first: number; firstLocal: number; end: number }) => {
    const into: WriteOperation[] = [];
    log.takeRows(context, orders, into);
    return into.map((row) => (row.kind === "put" ? decodeChangeRow(row.value) : undefined));
  };

  it("tells once of a document that this program changed twice, and of each delta that did", () => {
    const log = new ChangeLog();
    log.onTransaction();
    log.onRecord(container(2), "a", undefined, cell("x"));
    log.onTransaction();
    log.onRecord(container(2), "a", cell("x"), cell("y"));
    log.onDelta({ order: 7, isConcurrent: false });
    log.onRecord(container(2), "a", cell("y"), cell("z"));
    log.onVoid(container(2), "a");
    log.onVoid(container(2), "b");
    log.onDelta(undefined);
    const [row] = take(log, { first: 7, firstLocal: 8, end: 9 });
    expect(row?.changes.map(({ id, effect, origin, fields }) => [id, effect, origin, ...fields])).toEqual([
      ["a", "insert", "here"],
      ["a", "update", "concurrent", "z00000", "y00000"],
      ["b", "none", "concurrent"],
    ]);
    expect(take(log, { first: 9, firstLocal: 9, end: 10 })).toEqual([]);
  });

  it("knows an update for one after a join of the same delta that changed nothing", () => {
    const log = new ChangeLog();
    log.onDelta({ order: 7, isConcurrent: false });
    log.onVoid(container(2), "a");
    log.onRecord(container(2), "a", cell("x"), cell("y"));
    log.onDelta(undefined);
    const [row] = take(log, { first: 7, firstLocal: 8, end: 8 });
    expect(row?.changes.map(({ effect }) => effect)).toEqual(["update"]);
  });

  it("lists the first fields of a change that has too many", () => {
    const log = new ChangeLog();
    log.onRecord(container(2), "a", cell("x", 0), cell("x", FIELDS_PER_CHANGE_MAX + 1));
    const [row] = take(log, { first: 0, firstLocal: 0, end: 1 });
    expect(row?.changes[0]?.fields).toHaveLength(FIELDS_PER_CHANGE_MAX);
  });

  it("splits what a commit changed into rows that a store takes", () => {
    const log = new ChangeLog();
    const count = Math.ceil(CHANGE_ROW_BYTES_SOFT / 200) + 1;
    for (let i = 0; i < count; i++) log.onRecord(container(2), String(i).padEnd(200, "-"), undefined, cell("x"));
    const taken = take(log, { first: 0, firstLocal: 0, end: 1 });
    expect(taken).toHaveLength(2);
    expect(taken.reduce((sum, row) => sum + (row?.changes.length ?? 0), 0)).toBe(count);
  });
});
