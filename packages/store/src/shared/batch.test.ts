import { Writer } from "@dunlin/core/base";
import { expect, it } from "vitest";
import { ownBatch } from "./batch.ts";

it("keeps packed bytes and whole buffers, and copies other views", () => {
  const packed = new Writer().string("packed").toPacked();
  const whole = Uint8Array.of(1, 2);
  const view = Uint8Array.of(1, 2, 3).subarray(1);
  const values = [packed, whole, view];
  const owned = ownBatch(values.map((value, i) => ({ kind: "put", key: Uint8Array.of(i, 1), value })));
  const kept = owned.map((operation, i) => operation.kind === "put" && operation.value === values[i]);
  expect(kept).toEqual([true, true, false]);
  expect(owned[2]).toEqual({ kind: "put", key: Uint8Array.of(2, 1), value: Uint8Array.of(2, 3) });
});
