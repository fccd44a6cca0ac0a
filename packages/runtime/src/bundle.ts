/**
 * An application as an artefact: what is installed, passed between nodes and named by its hash.
 *
 * ```
 * "DNLN" 4 | version 1 | name | version | code | sourceMap | abi      each: varint length, UTF-8
 * ```
 *
 * Refused: another magic or version, more than the limit, ill-formed text, and an ABI that is not the JSON which
 * `JSON.stringify` gives for it, so that equal applications have equal bytes and hence one id.
 */
import { createHash } from "node:crypto";
import {
  type ApplicationId,
  applicationId,
  assert,
  bytesEqual,
  err,
  ok,
  Reader,
  type Result,
  utf8,
  Writer,
} from "@dunlin/core/base";
import { type Abi, isAbi } from "./abi/abi.ts";
import { BUNDLE_BYTES_MAX, BUNDLE_NAME_BYTES_MAX } from "./limits.ts";

export interface ApplicationBundle {
  readonly name: string;
  readonly version: string;
  /** A script that serves the application. */
  readonly code: string;
  /** JSON; serves error messages alone. */
  readonly sourceMap: string;
  readonly abi: Abi;
}

const MAGIC: Uint8Array = utf8("DNLN");
const FORMAT_VERSION = 1;
const ID_DOMAIN: Uint8Array = utf8("dunlin/application/1\0");

/** Refused by assertion: a bundle above the limits, or whose text is not well-formed. */
export function encodeBundle(bundle: ApplicationBundle): Uint8Array {
  const writer = new Writer().raw(MAGIC).u8(FORMAT_VERSION);
  writer.string(bundle.name).string(bundle.version);
  writer.string(bundle.code).string(bundle.sourceMap).string(JSON.stringify(bundle.abi));
  assert(writer.length <= BUNDLE_BYTES_MAX, "a bundle is at most 8 MiB");
  return writer.toBytes();
}

export function decodeBundle(bytes: Uint8Array): Result<ApplicationBundle> {
  if (bytes.length > BUNDLE_BYTES_MAX) return err("BUNDLE_INVALID", `a bundle has at most ${BUNDLE_BYTES_MAX} bytes`);
  const reader = new Reader(bytes);
  if (!bytesEqual(reader.raw(MAGIC.length), MAGIC)) return err("BUNDLE_INVALID", "not an application bundle");
  if (reader.u8() !== FORMAT_VERSION) return err("BUNDLE_INVALID", "an application bundle of another version");
  const name = reader.string(BUNDLE_NAME_BYTES_MAX);
  const version = reader.string(BUNDLE_NAME_BYTES_MAX);
  const code = reader.string(BUNDLE_BYTES_MAX);
  const sourceMap = reader.string(BUNDLE_BYTES_MAX);
  const abi = parseCanonicalJson(reader.string(BUNDLE_BYTES_MAX));
  if (!reader.finish()) return err("BUNDLE_INVALID", "the application bundle is damaged");
  if (!isAbi(abi)) return err("BUNDLE_INVALID", "the application bundle has no ABI that this version reads");
  return ok({ name, version, code, sourceMap, abi });
}

export function applicationIdOf(encoded: Uint8Array): ApplicationId {
  return applicationId(new Uint8Array(createHash("sha256").update(ID_DOMAIN).update(encoded).digest()));
}

function parseCanonicalJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return JSON.stringify(value) === text ? value : undefined;
  } catch {
    return undefined;
  }
}
