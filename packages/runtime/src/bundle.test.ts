import { utf8 } from "@dunlin/core/base";
import { describe, expect, it } from "vitest";
import { fuzzDecoder, orUndefined } from "../../../tools/fuzz.ts";
import { type ApplicationBundle, applicationIdOf, decodeBundle, encodeBundle } from "./bundle.ts";
import { BUNDLE_BYTES_MAX } from "./limits.ts";

const BUNDLE: ApplicationBundle = {
  name: "notes",
  version: "1.0.0",
  code: "// code, with \u00e9 and \u{1f600}",
  sourceMap: '{"version":3}',
  abi: {
    schema_version: "wasm-abi/1",
    types: {},
    methods: [{ name: "read", kind: "query", params: [] }],
    events: [{ name: "Edited" }],
    state: [{ name: "documents", type: "map" }],
  },
};

describe("a bundle", () => {
  it("decodes to what was encoded", () => {
    expect(decodeBundle(encodeBundle(BUNDLE))).toEqual({ ok: true, value: BUNDLE });
  });

  it("has an id that changes with any part of it", () => {
    const id = applicationIdOf(encodeBundle(BUNDLE));
    for (const change of [{ name: "note" }, { version: "2" }, { code: "" }, { sourceMap: "" }]) {
      expect(applicationIdOf(encodeBundle({ ...BUNDLE, ...change }))).not.toEqual(id);
    }
  });

  it("is refused above its limit, of another version, with rest, and with an ABI in another form", () => {
    const bytes = encodeBundle(BUNDLE);
    expect(decodeBundle(new Uint8Array(BUNDLE_BYTES_MAX + 1))).toMatchObject({ ok: false });
    expect(decodeBundle(new Uint8Array([...bytes, 0]))).toMatchObject({ ok: false });
    expect(decodeBundle(bytes.map((byte, i) => (i === 4 ? 2 : byte)))).toMatchObject({ ok: false });
    const spaced = new TextDecoder().decode(bytes).replace('"types":{}', '"types": {}');
    expect(decodeBundle(utf8(spaced))).toMatchObject({ ok: false, error: { code: "BUNDLE_INVALID" } });
    const foreign = { ...BUNDLE, abi: { ...BUNDLE.abi, schema_version: "wasm-abi/2" } } as unknown as ApplicationBundle;
    expect(decodeBundle(encodeBundle(foreign))).toMatchObject({ ok: false });
  });

  it("survives mutation: what decodes encodes to the same bytes", () => {
    const corpus = [encodeBundle(BUNDLE)];
    const decode = orUndefined(decodeBundle);
    const report = fuzzDecoder({ name: "bundle", seed: 20_261_121, corpus, decode, encode: encodeBundle });
    expect(report.accepted).toBeGreaterThan(100);
  });
});
