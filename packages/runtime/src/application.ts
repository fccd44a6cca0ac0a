/**
 * An installed application, whichever kind its artefact is: a bundle of TypeScript, a WebAssembly module as it is, or an
 * `.mpk` with one in it, or a further service of such a bundle. The first bytes tell. Its id is the hash of all bytes, so members run the same code.
 */
import { bytesEqual, err, ok, type Result, utf8 } from "@dunlin/core/base";
import { type ApplicationBundle, decodeBundle } from "./bundle.ts";
import { readMpk } from "./mpk/read-mpk.ts";
import { decodeService, encodeService } from "./mpk/service.ts";

export type Application =
  | { readonly kind: "bundle"; readonly bundle: ApplicationBundle }
  | { readonly kind: "guest"; readonly guest: GuestApplication };

/** A module that keeps its state itself. */
export interface GuestApplication {
  readonly name: string;
  /** The package that an `.mpk` belongs to; undefined for a bare module. */
  readonly package: string | undefined;
  readonly version: string;
  /** The further services of the bundle whose first this is: applications of their own. */
  readonly services: readonly string[];
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
      services: [],
      module: bytes,
      abi: undefined,
      signer: undefined,
    };
    return ok({ kind: "guest", guest });
  }
  const service = decodeService(bytes);
  const mpk = service?.mpk ?? bytes;
  return startsWith(mpk, GZIP_MAGIC)
    ? readGuest(mpk, service?.name)
    : err("BUNDLE_INVALID", "not an application: no bundle, .wasm or .mpk");
}

/** The first service of a bundle, or a further one by its name. */
function readGuest(bytes: Uint8Array, wanted: string | undefined): Result<Application> {
  const mpk = readMpk(bytes, wanted);
  if (!mpk.ok) return mpk;
  const { manifest, service, module, abi, signer } = mpk.value;
  const [first, ...further] = manifest.services;
  const isFirst = wanted === undefined;
  if (!isFirst && service === first) return err("BUNDLE_INVALID", "the first service of a bundle is the bundle itself");
  const { name: title = manifest.package } = manifest.metadata;
  const name = isFirst ? title : `${title}/${wanted}`;
  const services = isFirst ? further.flatMap(({ name: other }) => other ?? []) : [];
  const { package: of, appVersion: version } = manifest;
  return ok({ kind: "guest", guest: { name, package: of, version, services, module, abi, signer } });
}

/** The artefacts of the further services of an installed bundle, by their names; none of any other application. */
export function furtherServices(bytes: Uint8Array): ReadonlyMap<string, Uint8Array> {
  const read = readApplication(bytes);
  const names = read.ok && read.value.kind === "guest" ? read.value.guest.services : [];
  return new Map(names.map((name) => [name, encodeService({ name, mpk: bytes })]));
}

function startsWith(bytes: Uint8Array, magic: Uint8Array): boolean {
  return bytesEqual(bytes.subarray(0, magic.length), magic);
}
