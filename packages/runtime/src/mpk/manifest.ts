/**
 * The manifest of an `.mpk` bundle: foreign JSON, of which the named parts are checked and the rest is kept. A bundle has
 * one module, or several *services* by name.
 */
import { err, ok, type Result, utf8ToString } from "@dunlin/core/base";
import type { MpkErrorCode } from "./errors.ts";
import { MANIFEST_BYTES_MAX, PACKAGE_CHARS_MAX, SERVICES_MAX } from "./limits.ts";

/** A file of the bundle. */
export interface Artifact {
  readonly path: string;
  readonly size: number;
  /** SHA-256 in hexadecimal. */
  readonly hash?: string;
}

export interface Service {
  /** Undefined for the one module of a bundle without services. */
  readonly name: string | undefined;
  readonly wasm: Artifact;
  readonly abi?: Artifact;
}

export interface ManifestSignature {
  readonly algorithm: "ed25519";
  /** Base64url without padding, both. */
  readonly publicKey: string;
  readonly signature: string;
}

export interface Manifest {
  readonly version: string;
  readonly package: string;
  readonly appVersion: string;
  readonly minRuntimeVersion: string;
  readonly signerId?: string;
  readonly metadata: { readonly name?: string };
  readonly services: readonly [Service, ...Service[]];
  readonly signature?: ManifestSignature;
}

/** A manifest, and the whole JSON that it was read from, which is what was signed. */
export interface ReadManifest {
  readonly manifest: Manifest;
  readonly json: Readonly<Record<string, unknown>>;
}

export function readManifest(bytes: Uint8Array): Result<ReadManifest> {
  const text = bytes.length <= MANIFEST_BYTES_MAX ? utf8ToString(bytes) : undefined;
  const json = text === undefined ? undefined : parseObject(text);
  if (!json) return refuse(`is no JSON object of at most ${MANIFEST_BYTES_MAX} bytes`);
  const { version, package: name, appVersion, minRuntimeVersion, signerId, metadata, signature } = json;
  const services = readServices(json);
  if (!services.ok) return services;
  if (![version, name, appVersion, minRuntimeVersion].every(isShort)) {
    return refuse("lacks version, package, appVersion or minRuntimeVersion");
  }
  if (!isAbsent(signature) && !isSignature(signature)) return refuse("has a signature that is no ed25519 one");
  if (!isAbsent(signerId) && !isShort(signerId)) return refuse("has a signerId that is no short text");
  const title = isObject(metadata) ? metadata["name"] : json["name"];
  const manifest: Manifest = {
    version: version as string,
    package: name as string,
    appVersion: appVersion as string,
    minRuntimeVersion: minRuntimeVersion as string,
    metadata: isShort(title) ? { name: title } : {},
    services: services.value,
    ...(isAbsent(signerId) ? {} : { signerId: signerId as string }),
    ...(isAbsent(signature) ? {} : { signature: signature as ManifestSignature }),
  };
  return ok({ manifest, json });
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function readServices(json: Record<string, unknown>): Result<[Service, ...Service[]]> {
  if (!isAbsent(json["wasm"])) {
    const one = readService(undefined, json);
    return one.ok ? ok([one.value]) : one;
  }
  const listed: readonly unknown[] = Array.isArray(json["services"]) ? json["services"] : [{}];
  if (listed.length > SERVICES_MAX) return refuse(`has more than ${SERVICES_MAX} services`);
  const services: Service[] = [];
  for (const entry of listed) {
    const { name, ...parts } = isObject(entry) ? entry : {};
    const isNamed = isShort(name) && services.every((other) => other.name !== name);
    if (listed.length > 1 && !isNamed) return refuse("has services without names of their own");
    const service = readService(isShort(name) ? name : undefined, parts);
    if (!service.ok) return service;
    services.push(service.value);
  }
  const [first, ...further] = services;
  return first ? ok([first, ...further]) : refuse("has no services");
}

function readService(name: string | undefined, { wasm, abi }: Record<string, unknown>): Result<Service> {
  if (!isArtifact(wasm)) return refuse("names no module in wasm, with its path and size");
  if (isAbsent(abi)) return ok({ name, wasm });
  return isArtifact(abi) ? ok({ name, wasm, abi }) : refuse("has an abi without path and size");
}

function isAbsent(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}

function isShort(value: unknown): value is string {
  return typeof value === "string" && value !== "" && value.length <= PACKAGE_CHARS_MAX && value.isWellFormed();
}

function isArtifact(value: unknown): value is Artifact {
  if (!isObject(value) || !isShort(value["path"]) || !Number.isSafeInteger(value["size"])) return false;
  const { hash } = value;
  return isAbsent(hash) || (typeof hash === "string" && /^[0-9a-f]{64}$/i.test(hash));
}

function isSignature(value: unknown): value is ManifestSignature {
  return (
    isObject(value) && value["algorithm"] === "ed25519" && isShort(value["publicKey"]) && isShort(value["signature"])
  );
}

function refuse(what: string): Result<never> {
  return err<MpkErrorCode>("MPK_INVALID", `the bundle's manifest ${what}`);
}
