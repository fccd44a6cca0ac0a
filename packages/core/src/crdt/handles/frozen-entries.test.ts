import { describe, expect, it } from "vitest";
import { bytesToHex } from "../../base/index.ts";
import { sha256 } from "../hash.ts";
import { openDocument, refusalOf, write } from "../reference/documents.ts";
import { originOf } from "../reference/draw.ts";
import { MemorySource } from "../reference/memory-source.ts";
import { encodeValue, type Value } from "../value.ts";

function hashOf(value: Value): string {
  const encoded = encodeValue(value);
  if (!encoded.ok) throw new Error("the value encodes");
  return bytesToHex(sha256(Uint8Array.from([...new TextEncoder().encode("dunlin/frozen/1"), ...encoded.value])));
}

describe("frozen entries", () => {
  it("are found by the hash of their value, which is all that a join carries", () => {
    const source = new MemorySource();
    const document = openDocument(source);
    const keys: Uint8Array[] = [];
    const joins = write(document, 1, 1, (tx) => {
      for (const value of ["a", null, { b: [1] }, "a"]) keys.push(tx.field("frozen-entries", "f").put(value));
    });
    expect(keys.map(bytesToHex)).toEqual(["a", null, { b: [1] }, "a"].map(hashOf));
    const other = openDocument();
    expect(other.apply(joins, originOf(1, 1))).toEqual({ ok: true, value: { void: 0 } });
    source.put(document.takeDirty());
    for (const view of [document, other, openDocument(source)].map((each) => each.field("frozen-entries", "f"))) {
      expect(keys.map((key) => view.get(key))).toEqual(["a", null, { b: [1] }, "a"]);
      expect([view.size, view.entries().length]).toEqual([3, 3]);
      expect([view.has(keys[0]!), view.has(new Uint8Array(32)), view.get(new Uint8Array(3))]).toEqual([
        true,
        false,
        undefined,
      ]);
    }
    expect(other.root()).toEqual(document.root());
  });

  it("are put in once: again is no write", () => {
    const document = openDocument();
    write(document, 1, 1, (tx) => tx.field("frozen-entries", "f").put("a"));
    const tx = document.begin(originOf(2, 2));
    tx.field("frozen-entries", "f").put("a");
    expect(tx.commit()).toBeUndefined();
  });

  it("refuse what is no value", () => {
    const entries = openDocument().begin(originOf(1, 1)).field("frozen-entries", "f");
    expect(refusalOf(() => entries.put(Number.NaN))).toBe("VALUE_INVALID");
  });
});
