/**
 * The services of a bundle behind its first. Each is an application of its own, whose artefact is the bundle with the
 * service's name before it, so every member that installs the bundle has the same application under the same id:
 *
 * ```
 * "DNLS" | version 1 | name (string) | the .mpk
 * ```
 *
 * The first service is the bundle as it is, and has no such form.
 */
import { bytesEqual, Reader, utf8, Writer } from "@dunlin/core/base";
import { PACKAGE_CHARS_MAX } from "./limits.ts";

const MAGIC: Uint8Array = utf8("DNLS");
const VERSION = 1;

export interface ServiceArtefact {
  readonly name: string;
  readonly mpk: Uint8Array;
}

export function encodeService({ name, mpk }: ServiceArtefact): Uint8Array {
  return new Writer(mpk.length + 256).raw(MAGIC).u8(VERSION).string(name).raw(mpk).toBytes();
}

/** Undefined for another version, or a name that none has. */
export function decodeService(bytes: Uint8Array): ServiceArtefact | undefined {
  const reader = new Reader(bytes);
  if (!bytesEqual(reader.raw(MAGIC.length), MAGIC) || reader.u8() !== VERSION) return undefined;
  const name = reader.string(4 * PACKAGE_CHARS_MAX);
  return reader.failed ? undefined : { name, mpk: reader.raw(reader.remaining) };
}
