import { describe, expect, it } from "vitest";
import { AssertionError } from "./assert.ts";
import { bytesToHex, utf8 } from "./bytes.ts";
import { Reader, Writer } from "./codec.ts";

describe("Writer", () => {
  it("writes these bytes, for ever", () => {
    const bytes = new Writer(1)
      .u8(255)
      .u16(0x1234)
      .u32(0xdeadbeef)
      .f64(-0.5)
      .varint(300)
      .varint(Number.MAX_SAFE_INTEGER)
      .raw(Uint8Array.of(9))
      .bytes(Uint8Array.of(7, 8))
      .string("é")
      .toBytes();
    expect(bytesToHex(bytes)).toBe("ff3412efbeadde000000000000e0bfac02ffffffffffffff0f09020708" + "02c3a9");
  });

  it("grows, can be reset, and gives copies or views", () => {
    const writer = new Writer(1);
    for (let i = 0; i < 1000; i++) writer.u8(i);
    expect(writer.length).toBe(1000);
    const copy = writer.toBytes();
    const view = writer.view();
    writer.reset();
    writer.u8(42);
    expect(writer.length).toBe(1);
    expect(copy[0]).toBe(0);
    expect(view[0]).toBe(42);
  });

  it("asserts what has no canonical form", () => {
    for (const value of [-1, 0.5, Number.NaN, 2 ** 53, Number.POSITIVE_INFINITY]) {
      expect(() => new Writer().varint(value)).toThrow(AssertionError);
    }
    expect(() => new Writer().string("\ud800")).toThrow(AssertionError);
  });
});

describe("varint", () => {
  it("refuses a longer form than needed, and what is above the safe integers", () => {
    for (const bytes of [[0x80, 0x00], [0xff, 0x80, 0x00], Array(8).fill(0xff), Array(9).fill(0x80), [0x80]]) {
      const reader = new Reader(Uint8Array.from(bytes));
      expect(reader.varint()).toBe(0);
      expect(reader.finish()).toBe(false);
    }
  });

  it("holds the largest safe integer", () => {
    const bytes = new Writer().varint(Number.MAX_SAFE_INTEGER).toBytes();
    expect(bytes).toHaveLength(8);
    const reader = new Reader(bytes);
    expect(reader.varint()).toBe(Number.MAX_SAFE_INTEGER);
    expect(reader.finish()).toBe(true);
  });
});

describe("Reader", () => {
  it("stays failed after the first bad read, and yields zero values", () => {
    const reader = new Reader(Uint8Array.of(1, 2, 3));
    expect(reader.u32()).toBe(0);
    expect(reader.failed).toBe(true);
    expect(reader.remaining).toBe(0);
    expect([reader.u8(), reader.u16(), reader.f64(), reader.varint(), reader.count(9)]).toEqual([0, 0, 0, 0, 0]);
    expect([reader.raw(1).length, reader.bytes(9).length, reader.string(9)]).toEqual([0, 0, ""]);
    expect(reader.finish()).toBe(false);
  });

  it("is not finished while bytes are left", () => {
    const reader = new Reader(Uint8Array.of(1, 2));
    reader.u8();
    expect(reader.at).toBe(1);
    expect(reader.finish()).toBe(false);
    reader.u8();
    expect(reader.finish()).toBe(true);
  });

  it("bounds counts by their limit and by the bytes that remain", () => {
    const bytes = Uint8Array.of(3, 0, 0, 0);
    expect(new Reader(bytes).count(3)).toBe(3);
    for (const [max, bytesEach] of [
      [2, 1],
      [9, 2],
    ] as const) {
      const reader = new Reader(bytes);
      expect(reader.count(max, bytesEach)).toBe(0);
      expect(reader.failed).toBe(true);
    }
  });

  it("refuses malformed UTF-8 and keeps a byte order mark", () => {
    const malformed = new Reader(Uint8Array.of(2, 0xc3, 0x28));
    expect(malformed.string(9)).toBe("");
    expect(malformed.failed).toBe(true);
    expect(new Reader(new Writer().string("\ufeffa").toBytes()).string(9)).toBe("\ufeffa");
  });

  it("reads a view whose buffer begins elsewhere", () => {
    const whole = new Uint8Array([9, 9, ...new Writer().u32(7).f64(1.5).bytes(utf8("ab")).toBytes()]);
    const reader = new Reader(whole.subarray(2));
    expect([reader.u32(), reader.f64(), ...reader.bytes(2)]).toEqual([7, 1.5, 97, 98]);
    expect(reader.finish()).toBe(true);
  });
});
