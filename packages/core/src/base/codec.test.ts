import { describe, expect, it } from "vitest";
import { Reader, Writer } from "./codec.ts";

describe("varint", () => {
  it("refuses a longer form than needed", () => {
    const reader = new Reader(Uint8Array.of(0x80, 0x00));
    reader.varint();
    expect(reader.finish()).toBe(false);
  });

  it("holds the largest safe integer", () => {
    const bytes = new Writer().varint(Number.MAX_SAFE_INTEGER).toBytes();
    const reader = new Reader(bytes);
    expect(reader.varint()).toBe(Number.MAX_SAFE_INTEGER);
    expect(reader.finish()).toBe(true);
  });
});

describe("a varint", () => {
  it("comes back in as many bytes as it has digits of seven bits, on both sides of 32 bits", () => {
    const edges = [7, 14, 21, 28, 31, 32, 35, 42, 49, 53].flatMap((bits) => [2 ** bits - 1, 2 ** bits, 2 ** bits + 1]);
    for (const value of edges.filter(Number.isSafeInteger)) {
      const bytes = new Writer().varint(value).toBytes();
      expect(bytes.length).toBe(Math.ceil(value.toString(2).length / 7));
      expect(new Reader(bytes).varint()).toBe(value);
    }
    for (const value of [-1, 0.5, 2 ** 53, Number.NaN]) expect(() => new Writer().varint(value)).toThrow();
  });
});

describe("a column of 16-bit varints", () => {
  it("is what single varints are, and fails on what is greater, longer than needed or not there", () => {
    const values = [0, 0x7f, 0x80, 0x3fff, 0x4000, 0xffff, 1];
    const writer = new Writer();
    for (const value of values) writer.varint(value);
    const reader = new Reader(writer.u8(9).toBytes());
    const column = new Uint16Array(values.length + 1);
    reader.varints16(column, 1, column.length);
    expect([...column]).toEqual([0, ...values]);
    expect(reader.u8()).toBe(9);
    expect(reader.finish()).toBe(true);
    for (const bytes of [[0x80, 0x80, 0x04], [0x80, 0x00], [0x80], [1]]) {
      const malformed = new Reader(Uint8Array.from(bytes));
      malformed.varints16(new Uint16Array(2), 0, 2);
      expect(malformed.finish()).toBe(false);
    }
  });
});

describe("a string", () => {
  it("comes back whatever its length and characters, and only from well-formed UTF-8", () => {
    for (const length of [0, 1, 23, 24, 25, 200]) {
      for (const unit of ["a", "\u0000", "ł", "\uffff"]) {
        const text = unit.repeat(length);
        const reader = new Reader(new Writer().string(text).toBytes());
        expect(reader.string(1000)).toBe(text);
        expect(reader.finish()).toBe(true);
      }
    }
    for (const bytes of [Uint8Array.of(1, 0xff), Uint8Array.of(2, 0x61), Uint8Array.of(2, 0x61, 0xc3)]) {
      const reader = new Reader(bytes);
      expect(reader.string(1000)).toBe("");
      expect(reader.finish()).toBe(false);
    }
    expect(() => new Writer().string("a\ud800")).toThrow();
  });
});

describe("text without a length", () => {
  it("comes back when the reader knows how long it is", () => {
    for (const text of ["", "a", "abcdefgh", "abcdefghijk", "łó", "a".repeat(24), "a".repeat(25), "ł".repeat(30)]) {
      const bytes = new Writer().utf8(text).toBytes();
      expect(bytes).toEqual(new TextEncoder().encode(text));
      const reader = new Reader(bytes);
      expect(reader.utf8(bytes.length)).toBe(text);
      expect(reader.finish()).toBe(true);
    }
    for (const [bytes, length] of [
      [Uint8Array.of(0xff), 1],
      [Uint8Array.of(0x61), 2],
    ] as const) {
      const reader = new Reader(bytes);
      expect(reader.utf8(length)).toBe("");
      expect(reader.failed).toBe(true);
    }
    expect(() => new Writer().utf8("a\ud800")).toThrow();
  });
});

describe("bytes that are mostly known", () => {
  it("are the known ones when equal, those of the input when not, and fail when too few are left", () => {
    const known = Uint8Array.of(1, 2, 3);
    const reader = new Reader(Uint8Array.of(1, 2, 3, 1, 2, 4, 1, 2));
    expect(reader.rawLike(known)).toBe(known);
    expect(reader.rawLike(known)).toEqual(Uint8Array.of(1, 2, 4));
    expect(reader.failed).toBe(false);
    reader.rawLike(known);
    expect(reader.failed).toBe(true);
  });
});

describe("a reader that is used again", () => {
  it("has forgotten the bytes, the place and the failure of before", () => {
    const reader = new Reader(new Writer().f64(1.5).u8(1).toBytes());
    expect(reader.f64()).toBe(1.5);
    reader.fail();
    reader.reset(new Writer().f64(2.5).u8(7).toBytes());
    expect(reader.f64()).toBe(2.5);
    expect(reader.u8()).toBe(7);
    expect(reader.finish()).toBe(true);
  });
});

describe("a writer that is cut back", () => {
  it("goes on from there", () => {
    const writer = new Writer().u8(1).u8(2).u8(3);
    writer.truncate(1);
    expect(writer.u8(9).toBytes()).toEqual(Uint8Array.of(1, 9));
    expect(() => writer.truncate(3)).toThrow();
  });
});
