/**
 * Who signed a bundle. What is signed is the manifest without its signature and without keys that begin with "_", in
 * the canonical form of RFC 8785: the SHA-256 of that, by Ed25519. The signer is named by the key itself:
 *
 *   did:key:z base58(0xed 0x01 | public key 32)
 */
import { bytesToBase58, concatBytes, err, ok, type Result, type Signer, utf8 } from "@dunlin/core/base";
import type { Crypto } from "@dunlin/core/crypto";
import type { MpkErrorCode } from "./errors.ts";
import { MANIFEST_DEPTH_MAX } from "./limits.ts";
import type { ManifestSignature, ReadManifest } from "./manifest.ts";

const KEY_BYTES = 32;
const ED25519_MULTICODEC = Uint8Array.of(0xed, 0x01);

/** The signer; undefined for a bundle that nobody signed. Refuses a signature that does not hold. */
export function checkSignature(
  crypto: Pick<Crypto, "sha256" | "verify">,
  { manifest, json }: ReadManifest,
): Result<string | undefined> {
  const { signature, signerId } = manifest;
  if (!signature) {
    return signerId === undefined ? ok(undefined) : refuse("names a signer and is not signed");
  }
  const key = new Uint8Array(Buffer.from(signature.publicKey, "base64url"));
  const bytes = new Uint8Array(Buffer.from(signature.signature, "base64url"));
  if (key.length !== KEY_BYTES) return refuse("has a public key that is no Ed25519 key");
  const signer = signerOf(key);
  if (signerId !== signer) return refuse(`was signed by ${signer} and names ${signerId ?? "nobody"}`);
  const payload = signedPayload(crypto, json);
  if (!payload || !crypto.verify(key, payload, bytes)) return refuse("has a signature that does not hold");
  return ok(signer);
}

/** Signs a manifest: gives it with `signerId` and `signature`. */
export function signManifest(
  crypto: Pick<Crypto, "sha256">,
  signer: Signer,
  json: Readonly<Record<string, unknown>>,
): Result<Readonly<Record<string, unknown>>> {
  const named = { ...json, signerId: signerOf(signer.publicKey) };
  const payload = signedPayload(crypto, named);
  if (!payload) return refuse("is nested too deeply to be signed");
  const signature: ManifestSignature = {
    algorithm: "ed25519",
    publicKey: Buffer.from(signer.publicKey).toString("base64url"),
    signature: Buffer.from(signer.sign(payload)).toString("base64url"),
  };
  return ok({ ...named, signature });
}

export function signerOf(publicKey: Uint8Array): string {
  return `did:key:z${bytesToBase58(concatBytes(ED25519_MULTICODEC, publicKey))}`;
}

function signedPayload(
  crypto: Pick<Crypto, "sha256">,
  json: Readonly<Record<string, unknown>>,
): Uint8Array | undefined {
  const signed = Object.fromEntries(
    Object.entries(json).filter(([key]) => key !== "signature" && !key.startsWith("_")),
  );
  const text = canonicalJson(signed, MANIFEST_DEPTH_MAX);
  return text === undefined ? undefined : crypto.sha256(utf8(text));
}

/** JSON with its keys sorted and no white space (RFC 8785); undefined when it is nested deeper than `depth`. */
function canonicalJson(value: unknown, depth: number): string | undefined {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (depth === 0) return undefined;
  if (Array.isArray(value)) {
    const items = value.map((item) => canonicalJson(item, depth - 1));
    return items.includes(undefined) ? undefined : `[${items.join(",")}]`;
  }
  const members: string[] = [];
  for (const key of Object.keys(value).sort()) {
    const member = canonicalJson((value as Record<string, unknown>)[key], depth - 1);
    if (member === undefined) return undefined;
    members.push(`${JSON.stringify(key)}:${member}`);
  }
  return `{${members.join(",")}}`;
}

function refuse(what: string): Result<never> {
  return err<MpkErrorCode>("MPK_SIGNATURE_INVALID", `the bundle ${what}`);
}
