/**
 * An installed application, whichever kind its artefact is: a bundle of TypeScript, a WebAssembly module as it is, or an
 * `.mpk` with one in it. The first bytes tell. Its id is the hash of all bytes, so members run the same code.
 */
import { bytesEqual, err, ok, type Result, utf8 } from "@dunlin/core/base";
import { type ApplicationBundle, decodeBundle } from "./bundle.ts";
import { readMpk } from "./mpk/read-mpk.ts";

export type Application =
  | { readonly kind: "bundle"; readonly bundle: ApplicationBundle }
  | { readonly kind: "guest"; readonly guest: GuestApplication };

/** A module that keeps its state itself. */
export interface GuestApplication {
  readonly name: string;
  /** The package that an `.mpk` belongs to; undefined for a bare module. */
  readonly package: string | undefined;
  readonly version: string;
  readonly module: Uint8Array;
  /** Its interface as its author gave it, or undefined. */
  readonly abi: unknown;
  /** Whose signature an `.mpk` carries: a `did:key`, or undefined. */
  readonly signer: string | undefined;
}

const BUNDLE_MAGIC: Uint8Array = utf8("DNLN");
const WASM_MAGIC: Uint8Array = Uint8Array.of(0, 0x61, 0x73, 0x6d);
const GZIP_MAGIC: Uint8Array = Uint8Array.of(0x1f, 0x8b);

export function readApplication(bytes: Uint8Array): Result<Application> {
  if (startsWith(bytes, BUNDLE_MAGIC)) {
    const bundle = decodeBundle(bytes);
    return bundle.ok ? ok({ kind: "bundle", bundle: bundle.value }) : bundle;
  }
  if (startsWith(bytes, WASM_MAGIC)) {
    const guest = {
      name: "wasm",
      package: undefined,
      version: "0.0.0",
      module: bytes,
      abi: undefined,
      signer: undefined,
    };
    return ok({ kind: "guest", guest });
  }
  if (!startsWith(bytes, GZIP_MAGIC)) return err("BUNDLE_INVALID", "not an application: no bundle, .wasm or .mpk");
  const mpk = readMpk(bytes);
  if (!mpk.ok) return mpk;
  const { manifest, module, abi } = mpk.value;
  const { name = manifest.package } = manifest.metadata;
  const guest = {
    name,
    package: manifest.package,
    version: manifest.appVersion,
    module,
    abi,
    signer: mpk.value.signer,
  };
  return ok({ kind: "guest", guest });
}

function startsWith(bytes: Uint8Array, magic: Uint8Array): boolean {
  return bytesEqual(bytes.subarray(0, magic.length), magic);
}
