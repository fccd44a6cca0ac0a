/** Packs a module into an `.mpk` bundle, signed when there is a signer. The same parts give the same bytes. */
import { gzipSync } from "node:zlib";
import { bytesToHex, ok, type Result, type Signer, utf8 } from "@dunlin/core/base";
import { createCrypto } from "@dunlin/core/crypto";
import type { Artifact } from "./manifest.ts";
import { signManifest } from "./signature.ts";
import { writeTar } from "./tar.ts";

export interface MpkParts {
  readonly package: string;
  readonly name: string;
  readonly appVersion: string;
  readonly minRuntimeVersion: string;
  readonly module: Uint8Array;
  readonly abi?: unknown;
}

const SCHEMA_VERSION = "1.0";
const crypto = createCrypto();

export function writeMpk(parts: MpkParts, signer?: Signer): Result<Uint8Array> {
  const abi = parts.abi === undefined ? undefined : utf8(JSON.stringify(parts.abi));
  const unsigned = {
    version: SCHEMA_VERSION,
    package: parts.package,
    appVersion: parts.appVersion,
    minRuntimeVersion: parts.minRuntimeVersion,
    metadata: { name: parts.name },
    wasm: describe("app.wasm", parts.module),
    ...(abi && { abi: describe("abi.json", abi) }),
    migrations: [],
  };
  const manifest = signer ? signManifest(crypto, signer, unsigned) : ok(unsigned);
  if (!manifest.ok) return manifest;
  const files = new Map([
    ["manifest.json", utf8(JSON.stringify(manifest.value))],
    ["app.wasm", parts.module],
  ]);
  if (abi) files.set("abi.json", abi);
  return ok(new Uint8Array(gzipSync(writeTar(files))));
}

function describe(path: string, bytes: Uint8Array): Artifact {
  return { path, size: bytes.length, hash: bytesToHex(crypto.sha256(bytes)) };
}
