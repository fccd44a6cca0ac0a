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
