/**
 * An `.mpk` bundle: a gzip archive of `manifest.json`, the module that it names, and perhaps its interface. Every file
 * that the manifest names of the service that is read must be there with the hash that it tells, if it tells one; others
 * are passed over, and so are sizes, which packers get wrong. A signature over a manifest without the module's hash says
 * nothing of the module: it must hold, and makes nobody its signer.
 */
import { gunzipSync } from "node:zlib";
import { bytesToHex, err, ok, type Result, utf8ToString } from "@dunlin/core/base";
import { createCrypto } from "@dunlin/core/crypto";
import type { MpkErrorCode } from "./errors.ts";
import { MPK_BYTES_MAX, MPK_UNPACKED_BYTES_MAX } from "./limits.ts";
import { type Artifact, type Manifest, readManifest, type Service } from "./manifest.ts";
import { checkSignature } from "./signature.ts";
import { readTar } from "./tar.ts";

export interface Mpk {
  readonly manifest: Manifest;
  readonly service: Service;
  readonly module: Uint8Array;
  /** JSON, or undefined. */
  readonly abi: unknown;
  /** A `did:key`; undefined when nobody signed. */
  readonly signer: string | undefined;
}

const crypto = createCrypto();

/** Reads a service of a bundle by its name, by default the first. */
export function readMpk(bytes: Uint8Array, name?: string): Result<Mpk> {
  const unpacked = unpack(bytes);
  if (!unpacked.ok) return unpacked;
  const files = readTar(unpacked.value);
  if (!files.ok) return files;
  const found = files.value.get("manifest.json");
  if (!found) return refuse("has no manifest.json");
  const read = readManifest(found);
  if (!read.ok) return read;
  const signer = checkSignature(crypto, read.value);
  if (!signer.ok) return signer;
  const { manifest } = read.value;
  const service = name === undefined ? manifest.services[0] : manifest.services.find((one) => one.name === name);
  if (!service) return refuse(`has no service ${JSON.stringify(name)}`);
  const module = artifact(files.value, service.wasm);
  if (!module.ok) return module;
  const abi = service.abi && artifact(files.value, service.abi);
  if (abi && !abi.ok) return abi;
  return ok({
    manifest,
    service,
    module: module.value,
    abi: abi && parseJson(abi.value),
    signer: service.wasm.hash ? signer.value : undefined,
  });
}

function unpack(bytes: Uint8Array): Result<Uint8Array> {
  if (bytes.length > MPK_BYTES_MAX) return refuse(`has ${bytes.length} bytes of at most ${MPK_BYTES_MAX}`);
  try {
    return ok(new Uint8Array(gunzipSync(bytes, { maxOutputLength: MPK_UNPACKED_BYTES_MAX })));
  } catch {
    return refuse(`is not gzip, or unpacks to more than ${MPK_UNPACKED_BYTES_MAX} bytes`);
  }
}

function artifact(files: ReadonlyMap<string, Uint8Array>, { path, hash }: Artifact): Result<Uint8Array> {
  const bytes = files.get(path.replace(/^(\.\/)+/, ""));
  if (!bytes) return refuse(`lacks ${JSON.stringify(path)}`);
  const isOther = hash !== undefined && hash !== null && bytesToHex(crypto.sha256(bytes)) !== hash.toLowerCase();
  if (isOther) return refuse(`holds another ${JSON.stringify(path)} than its manifest tells`);
  return ok(bytes.slice());
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(utf8ToString(bytes) ?? "");
  } catch {
    return undefined;
  }
}

function refuse(what: string): Result<never> {
  return err<MpkErrorCode>("MPK_INVALID", `the bundle ${what}`);
}
