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
