import { utf8 } from "@dunlin/core/base";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseJson, parseJsonBytes } from "./json.ts";
import { JSON_DEPTH_MAX } from "./limits.ts";

const codeOf = (text: string): string => {
  const result = parseJson(text);
  return result.ok ? "ok" : result.error.code;
};
const nested = (depth: number, open: string, close: string): string => open.repeat(depth) + close.repeat(depth);

describe("parseJson", () => {
  it("takes nesting up to the limit and refuses one more", () => {
    expect(codeOf(nested(JSON_DEPTH_MAX, "[", "]"))).toBe("ok");
    expect(codeOf(nested(JSON_DEPTH_MAX + 1, "[", "]"))).toBe("JSON_TOO_DEEP");
    expect(codeOf(`${'{"a":'.repeat(JSON_DEPTH_MAX + 1)}1${"}".repeat(JSON_DEPTH_MAX + 1)}`)).toBe("JSON_TOO_DEEP");
    expect(codeOf(nested(1_000_000, "[", "]"))).toBe("JSON_TOO_DEEP");
    expect(codeOf("[".repeat(500_000))).toBe("JSON_TOO_DEEP");
  });

  it("counts no brackets within strings, and is not led astray by escaped quotes", () => {
    expect(codeOf(JSON.stringify(nested(500, "[", "]")))).toBe("ok");
    expect(codeOf(`"\\"${"[".repeat(500)}"`)).toBe("ok");
    expect(codeOf(`["\\\\",${nested(JSON_DEPTH_MAX, "[", "]")}]`)).toBe("JSON_TOO_DEEP");
  });

  it("refuses a key __proto__ at any depth and in any spelling", () => {
    expect(codeOf('{"__proto__":{"polluted":1}}')).toBe("JSON_KEY_REFUSED");
    expect(codeOf('[{"a":[{"\\u005f_proto__":1}]}]')).toBe("JSON_KEY_REFUSED");
    expect(codeOf('{"a":"__proto__"}')).toBe("ok");
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  it("refuses what has no UTF-8 form", () => {
    expect(codeOf('"\\ud800"')).toBe("JSON_MALFORMED");
    expect(codeOf('{"\\udfff":1}')).toBe("JSON_MALFORMED");
    expect(codeOf('"\\ud83d\\ude00"')).toBe("ok");
    expect(parseJsonBytes(Uint8Array.of(0x22, 0xff, 0x22)).ok).toBe(false);
  });

  it("says in one line what is wrong", () => {
    const result = parseJson("{\n oops }");
    expect(result.ok).toBe(false);
    if (!result.ok) expect(result.error.message).toMatch(/^not JSON: [^\n]+$/);
  });

  it("agrees with JSON.parse on every value it accepts", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        const text = JSON.stringify(value);
        const result = parseJson(text);
        return result.ok ? JSON.stringify(result.value) === text : /__proto__|\\ud/.test(text);
      }),
      { seed: 7, numRuns: 300 },
    );
  });

  it("never throws on mutated text", () => {
    const text = '{"jsonrpc":"2.0","id":1,"method":"execute","params":{"a":["\\u00e9",-1.5e3,true,null]}}';
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.nat(255), fc.nat(255), (at, one, two) => {
        const bytes = utf8(text);
        bytes[at] = one;
        bytes[(at * 7) % bytes.length] = two;
        const result = parseJsonBytes(bytes);
        if (result.ok)
          return JSON.stringify(JSON.parse(new TextDecoder().decode(bytes))) === JSON.stringify(result.value);
        return result.error.code.startsWith("JSON_");
      }),
      { seed: 11, numRuns: 3000 },
    );
  });
});
