import { bytesToBase58, must } from "@dunlin/core/base";
import { createCrypto } from "@dunlin/core/crypto";
import { encodeBundle } from "@dunlin/runtime";
import { expect, it } from "vitest";
import { writeMpk } from "../../../runtime/src/mpk/write-mpk.ts";
import { checkSuccession } from "./succession.ts";

const crypto = createCrypto();
const signer = (n: number) => crypto.createSigner(new Uint8Array(32).fill(n));
const MODULE = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);

function mpk(by?: number): Uint8Array {
  const parts = { package: "p", name: "p", appVersion: "1", minRuntimeVersion: "1", module: MODULE };
  const packed = writeMpk(parts, by === undefined ? undefined : signer(by));
  return must(packed.ok ? packed.value : undefined, "it packs");
}

const ABI = { schema_version: "wasm-abi/1", types: {}, methods: [], events: [], state: [] } as const;
const artefacts: Readonly<Record<string, Uint8Array>> = {
  ann: mpk(1),
  ben: mpk(2),
  nobody: mpk(),
  bare: MODULE,
  script: encodeBundle({ name: "s", version: "1", code: "", sourceMap: "", abi: ABI }),
};
const idOf = (name: string): Uint8Array => crypto.sha256(new TextEncoder().encode(name));
const home = {
  readApplication: (id: Uint8Array) =>
    Object.entries(artefacts).find(([name]) => bytesToBase58(idOf(name)) === bytesToBase58(id))?.[1],
};

it.each([
  ["ann", "ok"],
  ["ann ann", "ok"],
  ["nobody ann", "ok"],
  ["bare nobody", "ok"],
  ["script script", "ok"],
  ["ann ben", "MPK_UPGRADE_REFUSED"],
  ["ann nobody", "MPK_UPGRADE_REFUSED"],
  ["ann bare", "MPK_UPGRADE_REFUSED"],
  ["ann script", "MPK_UPGRADE_REFUSED"],
  ["bare script", "UPGRADE_REFUSED"],
  ["script ann", "UPGRADE_REFUSED"],
  // What never ran says nothing of what comes after it; what is not installed here neither.
  ["ann ben ann", "ok"],
  ["ann ben ben", "MPK_UPGRADE_REFUSED"],
  ["ann missing ben", "MPK_UPGRADE_REFUSED"],
  ["missing ben", "ok"],
  ["ann ben missing", "ok"],
])("of %s the last: %s", (names, expected) => {
  const checked = checkSuccession(home, names.split(" ").map(idOf));
  expect(checked.ok ? "ok" : checked.error.code).toBe(expected);
});
