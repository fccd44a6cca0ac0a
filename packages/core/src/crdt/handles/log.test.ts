import { describe, expect, it } from "vitest";
import { bytesToHex, utf8, utf8ToString } from "../../base/index.ts";
import { LOG_ENTRY_BYTES_MAX } from "../limits.ts";
import { openDocument, refusalOf, write } from "../reference/documents.ts";
import { originOf } from "../reference/draw.ts";
import { MemorySource } from "../reference/memory-source.ts";
import { logEntryKey } from "./log.ts";

const texts = (document: ReturnType<typeof openDocument>): unknown[] => {
  const log = document.field("log", "l");
  return log.keys().map((key) => utf8ToString(log.get(key)?.bytes ?? new Uint8Array(0)));
};

describe("a log", () => {
  it("holds what all appended, in the order of stamps, under keys that its origin tells", () => {
    const source = new MemorySource();
    const document = openDocument(source);
    const late = write(document, 9, 1, (tx) => {
      const log = tx.field("log", "l");
      expect(log.append(utf8("c"))).toEqual(logEntryKey(originOf(9, 1), 0));
      expect(log.append(utf8("d"))).toEqual(logEntryKey(originOf(9, 1), 1));
    });
    const early = write(openDocument(), 3, 2, (tx) => tx.field("log", "l").append(utf8("a")));
    expect(document.apply(early, originOf(3, 2)).ok).toBe(true);
    expect(texts(document)).toEqual(["a", "c", "d"]);
    const log = document.field("log", "l");
    expect(log.get(logEntryKey(originOf(3, 2), 0))?.member).toEqual(originOf(3, 2).member);
    source.put(document.takeDirty());
    expect(texts(openDocument(source))).toEqual(["a", "c", "d"]);
    const other = openDocument();
    other.apply(early, originOf(3, 2));
    other.apply(late, originOf(9, 1));
    expect(bytesToHex(other.root())).toBe(bytesToHex(document.root()));
    expect(document.field("log", "l").size).toBe(3);
  });

  it("is as it was after a rollback, and refuses an entry that is too long", () => {
    const document = openDocument();
    const tx = document.begin(originOf(1, 1));
    tx.field("log", "l").append(utf8("a"));
    expect(refusalOf(() => tx.field("log", "l").append(new Uint8Array(LOG_ENTRY_BYTES_MAX + 1)))).toBe(
      "VALUE_TOO_LARGE",
    );
    tx.rollback();
    expect(texts(document)).toEqual([]);
  });
});
