/**
 * Puts the caller's signature under what a call did to storage that the caller owns. The guest leaves 64 zeros there,
 * since it has no key. An artifact that cannot be read stays as it is.
 */
import { bytesEqual, type Signer } from "@dunlin/core/base";
import type { Crypto } from "@dunlin/core/crypto";
import { type Action, decodeArtifact, encodeArtifact } from "./storage/action.ts";
import { signedPayload } from "./storage/signing.ts";

export function signUserActions(crypto: Pick<Crypto, "sha256">, signer: Signer, bytes: Uint8Array): Uint8Array {
  const artifact = decodeArtifact(bytes);
  if (!artifact?.actions.some((action) => isToSign(action, signer))) return bytes;
  const actions = artifact.actions.map((action) =>
    isToSign(action, signer) ? signed(crypto, signer, action) : action,
  );
  return encodeArtifact({ form: artifact.form, actions });
}

type Owned = Exclude<Action, { kind: "compare" }>;

function isToSign(action: Action, { publicKey }: Signer): action is Owned {
  if (action.kind === "compare" || action.metadata.storage.kind !== "user") return false;
  const { owner, signed } = action.metadata.storage;
  return signed?.signature.every((byte) => byte === 0) === true && bytesEqual(owner, publicKey);
}

function signed(crypto: Pick<Crypto, "sha256">, signer: Signer, action: Owned): Owned {
  const nonce = action.kind === "delete" ? action.deletedAt : action.metadata.updatedAt;
  const signature = signer.sign(signedPayload(crypto, action));
  const storage = { kind: "user", owner: signer.publicKey, signed: { signature, nonce } } as const;
  return { ...action, metadata: { ...action.metadata, storage } };
}
