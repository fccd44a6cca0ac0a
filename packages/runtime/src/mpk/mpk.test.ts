import { gunzipSync, gzipSync } from "node:zlib";
import { createPrng, utf8, utf8ToString } from "@dunlin/core/base";
import { createCrypto } from "@dunlin/core/crypto";
import { describe, expect, it } from "vitest";
import { fuzzDecoder, orUndefined } from "../../../../tools/fuzz.ts";
import { furtherServices, readApplication } from "../application.ts";
import {
  MANIFEST_BYTES_MAX,
  MANIFEST_DEPTH_MAX,
  MPK_BYTES_MAX,
  MPK_UNPACKED_BYTES_MAX,
  PACKAGE_CHARS_MAX,
  SERVICES_MAX,
  TAR_FILES_MAX,
} from "./limits.ts";
import { readMpk } from "./read-mpk.ts";
import { decodeService, encodeService } from "./service.ts";
import { readTar, writeTar } from "./tar.ts";
import { checkUpgrade } from "./upgrade.ts";
import { type MpkParts, writeMpk } from "./write-mpk.ts";

const signer = createCrypto().createSigner(new Uint8Array(32).fill(1));
const parts: MpkParts = {
  package: "com.example.app",
  name: "Example \u00e9",
  appVersion: "1.2.3",
  minRuntimeVersion: "0.10.0",
  module: createPrng(1).bytes(3000),
  abi: { schema_version: "wasm-abi/1", methods: [{ name: "a" }] },
};

function packed(more: Partial<MpkParts> = {}, by: typeof signer | null = signer): Uint8Array {
  const written = writeMpk({ ...parts, ...more }, by ?? undefined);
  if (!written.ok) throw new Error(written.error.message);
  return written.value;
}

/** The bundle with its files changed. */
function repacked(bytes: Uint8Array, change: (files: Map<string, Uint8Array>) => void): Uint8Array {
  const files = readTar(new Uint8Array(gunzipSync(bytes)));
  if (!files.ok) throw new Error(files.error.message);
  const changed = new Map(files.value);
  change(changed);
  return new Uint8Array(gzipSync(writeTar(changed)));
}

function withManifest(change: (manifest: Record<string, unknown>) => object): Uint8Array {
  return repacked(packed(), (files) => {
    const manifest = JSON.parse(utf8ToString(files.get("manifest.json") as Uint8Array) ?? "");
    files.set("manifest.json", utf8(JSON.stringify(change(manifest))));
  });
}

/** A bundle, unsigned, with services in place of its one module. */
function withServices(services: (module: object) => readonly unknown[]): Uint8Array {
  return repacked(packed({}, null), (files) => {
    const { wasm, abi, ...rest } = JSON.parse(utf8ToString(files.get("manifest.json") as Uint8Array) ?? "");
    files.set("manifest.json", utf8(JSON.stringify({ ...rest, services: services({ wasm, abi }) })));
    files.set("game.wasm", Uint8Array.of(1, 2, 3));
  });
}

function codeOf(bytes: Uint8Array): string {
  const read = readMpk(bytes);
  return read.ok ? "accepted" : read.error.code;
}

describe("an .mpk bundle", () => {
  it("is read as it was written, with its signer", () => {
    const read = readMpk(packed());
    expect(read.ok && read.value).toMatchObject({
      module: parts.module,
      abi: parts.abi,
      signer: expect.stringMatching(/^did:key:z6Mk/),
      manifest: { package: "com.example.app", appVersion: "1.2.3", metadata: { name: "Example \u00e9" } },
    });
    expect(packed()).toEqual(packed());
    const unsigned = readMpk(packed({ abi: undefined }, null));
    expect(unsigned.ok && [unsigned.value.signer, unsigned.value.abi]).toEqual([undefined, undefined]);
  });

  it("is read with files beside, names that begin with ./, and keys that are not signed", () => {
    const bytes = repacked(
      withManifest((manifest) => ({ _note: "mine", ...manifest })),
      (files) => {
        for (const [name, content] of [...files]) {
          files.delete(name);
          files.set(`._${name}`, utf8("resource fork"));
          files.set(`./${name}`, content);
        }
      },
    );
    expect(codeOf(bytes)).toBe("accepted");
  });

  it.each([
    ["a changed field", withManifest((m) => ({ ...m, appVersion: "9.9.9" })), "MPK_SIGNATURE_INVALID"],
    ["an added field", withManifest((m) => ({ ...m, extra: 1 })), "MPK_SIGNATURE_INVALID"],
    ["a removed signature", withManifest(({ signature, ...m }) => m), "MPK_SIGNATURE_INVALID"],
    ["another signer's name", withManifest((m) => ({ ...m, signerId: "did:key:zX" })), "MPK_SIGNATURE_INVALID"],
    [
      "a key that is none",
      withManifest((m) => ({ ...m, signature: { ...(m["signature"] as object), publicKey: "AAAA" } })),
      "MPK_SIGNATURE_INVALID",
    ],
    ["another algorithm", withManifest((m) => ({ ...m, signature: { algorithm: "rsa" } })), "MPK_INVALID"],
    [
      "nested too deeply",
      withManifest((m) => ({ ...m, deep: nested(MANIFEST_DEPTH_MAX + 1) })),
      "MPK_SIGNATURE_INVALID",
    ],
    [
      "a hash that is none",
      withManifest((m) => ({ ...m, wasm: { path: "app.wasm", size: 3000, hash: "00" } })),
      "MPK_INVALID",
    ],
    ["no package", withManifest((m) => ({ ...m, package: "" })), "MPK_INVALID"],
    ["a long package", withManifest((m) => ({ ...m, package: "p".repeat(PACKAGE_CHARS_MAX + 1) })), "MPK_INVALID"],
    ["a long manifest", withManifest((m) => ({ ...m, long: "x".repeat(MANIFEST_BYTES_MAX) })), "MPK_INVALID"],
    ["no module", repacked(packed(), (files) => files.delete("app.wasm")), "MPK_INVALID"],
    ["another module", repacked(packed(), (files) => files.set("app.wasm", new Uint8Array(3000))), "MPK_INVALID"],
    ["no manifest", repacked(packed(), (files) => files.delete("manifest.json")), "MPK_INVALID"],
    [
      "too many files",
      repacked(packed(), (files) => {
        for (let i = 0; i < TAR_FILES_MAX; i++) files.set(`f${i}`, new Uint8Array(0));
      }),
      "MPK_INVALID",
    ],
    ["a way out", repacked(packed(), (files) => files.set("a/../../b", new Uint8Array(1))), "MPK_INVALID"],
    ["no gzip", utf8("not gzip"), "MPK_INVALID"],
    ["too large", new Uint8Array(MPK_BYTES_MAX + 1), "MPK_INVALID"],
    ["a bomb", new Uint8Array(gzipSync(new Uint8Array(MPK_UNPACKED_BYTES_MAX + 1))), "MPK_INVALID"],
  ])("with %s is refused", (_, bytes, code) => {
    expect(codeOf(bytes)).toBe(code);
  });

  it("with several services is each of them, by its name, and by default the first", () => {
    const bytes = withServices((lobby) => [
      { name: "lobby", ...lobby },
      { name: "game", wasm: { path: "game.wasm", size: 3 } },
    ]);
    const read = readMpk(bytes);
    expect(read.ok && [read.value.module, read.value.abi]).toEqual([parts.module, parts.abi]);
    const game = readMpk(bytes, "game");
    expect(game.ok && [game.value.module, game.value.abi]).toEqual([Uint8Array.of(1, 2, 3), undefined]);
    const none = readMpk(bytes, "chess");
    expect(none.ok ? "" : none.error.message).toContain("has no service");
  });

  it("makes applications of its further services, whose artefacts follow from the bundle's bytes", () => {
    const bytes = withServices((lobby) => [
      { name: "lobby", ...lobby },
      { name: "game", wasm: { path: "game.wasm", size: 3 } },
    ]);
    const services = furtherServices(bytes);
    expect([...services.keys()]).toEqual(["game"]);
    const artefact = services.get("game") as Uint8Array;
    const game = readApplication(artefact);
    expect(game).toMatchObject({
      ok: true,
      value: { kind: "guest", guest: { name: "Example \u00e9/game", services: [], module: Uint8Array.of(1, 2, 3) } },
    });
    expect(furtherServices(artefact).size + furtherServices(packed()).size).toBe(0);
    const first = readApplication(encodeService({ name: "lobby", mpk: bytes }));
    expect(first.ok ? "" : first.error.code).toBe("BUNDLE_INVALID");
    fuzzDecoder({
      name: "service",
      seed: 3,
      corpus: [artefact],
      decode: decodeService,
      encode: encodeService,
      inputs: 2000,
    });
  });

  it.each<[string, (lobby: object) => readonly unknown[]]>([
    ["none", () => []],
    [
      "two of one name",
      (lobby) => [
        { name: "a", ...lobby },
        { name: "a", ...lobby },
      ],
    ],
    ["one without a name", (lobby) => [{ name: "a", ...lobby }, lobby]],
    ["one without a module", (lobby) => [{ name: "a", ...lobby }, { name: "b" }]],
    ["too many", (lobby) => Array.from({ length: SERVICES_MAX + 1 }, (_, at) => ({ name: `${at}`, ...lobby }))],
  ])("with services of which there are %s is refused", (_, services) => {
    expect(codeOf(withServices(services))).toBe("MPK_INVALID");
  });

  it("takes the place of its own signer's and of an unsigned one alone", () => {
    const [a, b, nobody] = [{ signer: "did:key:zA" }, { signer: "did:key:zB" }, { signer: undefined }];
    const code = (...[from, to]: Parameters<typeof checkUpgrade>): string => {
      const checked = checkUpgrade(from, to);
      return checked.ok ? "ok" : checked.error.code;
    };
    expect([code(a, a), code(nobody, a), code(nobody, nobody)]).toEqual(["ok", "ok", "ok"]);
    expect([code(a, b), code(a, nobody)]).toEqual(["MPK_UPGRADE_REFUSED", "MPK_UPGRADE_REFUSED"]);
  });

  it("is refused or read, whatever its archive holds", () => {
    const archive = new Uint8Array(gunzipSync(packed()));
    const report = fuzzDecoder({
      name: "mpk archive",
      seed: 20261130,
      corpus: [archive],
      decode: (bytes) => orUndefined(readTar)(bytes) && bytes,
      encode: (bytes) => bytes,
      inputs: 5000,
    });
    expect(report.accepted).toBeGreaterThan(0);
  });
});

function nested(depth: number): object {
  return depth === 0 ? {} : { a: nested(depth - 1) };
}
