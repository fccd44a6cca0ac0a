/** A new context: its genesis delta, whose id is the context's. */

import { encodeStatement, NONCE_BYTES } from "../access/index.ts";
import {
  type ApplicationId,
  type ContextId,
  contextId,
  nextStamp,
  type Random,
  type Signer,
  STAMP_ZERO,
} from "../base/index.ts";
import { AEAD_KEY_BYTES, type Crypto } from "../crypto/index.ts";
import { REPLICA_ID_BYTES, signDelta } from "../dag/index.ts";
import { encodePayload } from "./payload.ts";
import { startEpoch } from "./sealing/key-ring.ts";

export interface Genesis {
  readonly context: ContextId;
  /** To be admitted by the replica that is opened for the context. */
  readonly bytes: Uint8Array;
}

/**
 * The genesis of a context of `application`, with the signer as its first admin. Its actor writes nothing else. A sealed
 * context stays one: its genesis starts the first epoch.
 */
export function createGenesis(
  ports: { readonly crypto: Crypto; readonly random: Random },
  signer: Signer,
  application: ApplicationId,
  wallMs: number,
  options: { readonly isSealed?: boolean } = {},
): Genesis {
  const statement = encodeStatement({ kind: "genesis", application, seed: ports.random.bytes(NONCE_BYTES) });
  const statements = [statement];
  if (options.isSealed) {
    const epoch = startEpoch(ports.crypto, signer, [signer.publicKey], ports.random.bytes(AEAD_KEY_BYTES));
    statements.push(encodeStatement(epoch));
  }
  const delta = signDelta(ports.crypto, signer, undefined, {
    author: { first: true, member: signer.publicKey, replica: ports.random.bytes(REPLICA_ID_BYTES) },
    stamp: nextStamp(STAMP_ZERO, wallMs),
    parents: [],
    epoch: undefined,
    cause: undefined,
    applicationVersion: undefined,
    extensions: [],
    sealed: false,
    payload: encodePayload(statements.map((statement) => ({ kind: "access", statement }))),
  });
  return { context: contextId(delta.id.slice()), bytes: delta.bytes };
}
