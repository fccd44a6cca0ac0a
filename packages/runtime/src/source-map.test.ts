import { describe, expect, it } from "vitest";
import { createSourceMap } from "./source-map.ts";

// Two lines: "AAAA,IAAI" and ";ACAA,EACE": the second starts in the second source.
const MAP = JSON.stringify({ version: 3, sources: ["a.ts", "b.ts"], mappings: "AAAA,IAAI;ACAA,EACE" });

describe("a source map", () => {
  it("gives the origin of the last segment at or before a position", () => {
    const map = createSourceMap(MAP);
    expect(map.locate(1, 1)).toEqual({ file: "a.ts", line: 1, column: 1 });
    expect(map.locate(1, 4)).toEqual({ file: "a.ts", line: 1, column: 1 });
    expect(map.locate(1, 5)).toEqual({ file: "a.ts", line: 1, column: 5 });
    expect(map.locate(2, 1)).toEqual({ file: "b.ts", line: 1, column: 5 });
    expect(map.locate(2, 99)).toEqual({ file: "b.ts", line: 2, column: 7 });
    expect(map.locate(3, 1)).toBeUndefined();
  });

  it.each(["", "null", "[]", "{}", '{"sources":1,"mappings":""}', '{"sources":[],"mappings":"!!!!,AAAA"}', "{"])(
    "that is malformed maps nothing: %s",
    (text) => {
      expect(createSourceMap(text).locate(1, 1)).toBeUndefined();
    },
  );
});
