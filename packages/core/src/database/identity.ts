/**
 * The row by which a store is a database: whose it is, and where its context comes from.
 *
 *   zero 32 | 'b'  ->  u8 1 | secret key 32 | context 32 | u8 origin (1 founded, 2 joined)
 *                      | genesis delta (bytes) or bearer's secret 32 and invitation (bytes)
 *
 * It is written before anything else, so a database that was made or joined only half is made whole when it is opened
 * again. The
 * secret key is the member's: whoever reads the store can write as its owner, as with any local data.
 */
import { INVITATION_BYTES_MAX } from "../access/index.ts";
import { type ContextId, concatBytes, ID_BYTES, Reader, Writer } from "../base/index.ts";
import { SEED_BYTES } from "../crypto/index.ts";

const FORMAT = 1;
const GENESIS_BYTES_MAX = 4_096;

export const IDENTITY_KEY: Uint8Array = concatBytes(new Uint8Array(32), Uint8Array.of("b".charCodeAt(0)));

export interface DatabaseIdentity {
  readonly secretKey: Uint8Array;
  readonly context: ContextId;
  readonly origin: DatabaseOrigin;
}

export type DatabaseOrigin =
  | { readonly kind: "founded"; readonly genesis: Uint8Array }
  | { readonly kind: "joined"; readonly bearerSecret: Uint8Array; readonly invitation: Uint8Array };

const FOUNDED = 1;
const JOINED = 2;

export function encodeIdentity({ secretKey, context, origin }: DatabaseIdentity): Uint8Array {
  const writer = new Writer(256).u8(FORMAT).raw(secretKey).raw(context);
  if (origin.kind === "founded") return writer.u8(FOUNDED).bytes(origin.genesis).toBytes();
  return writer.u8(JOINED).raw(origin.bearerSecret).bytes(origin.invitation).toBytes();
}

/** The row, or undefined when the bytes are not the canonical form of one. */
export function decodeIdentity(bytes: Uint8Array): DatabaseIdentity | undefined {
  const reader = new Reader(bytes);
  if (reader.u8() !== FORMAT) return undefined;
  const secretKey = reader.raw(SEED_BYTES).slice();
  const context = reader.raw(ID_BYTES).slice() as ContextId;
  const origin = readOrigin(reader);
  return reader.finish() && origin !== undefined ? { secretKey, context, origin } : undefined;
}

function readOrigin(reader: Reader): DatabaseOrigin | undefined {
  const kind = reader.u8();
  if (kind === FOUNDED) return { kind: "founded", genesis: reader.bytes(GENESIS_BYTES_MAX).slice() };
  if (kind !== JOINED) return undefined;
  const bearerSecret = reader.raw(SEED_BYTES).slice();
  return { kind: "joined", bearerSecret, invitation: reader.bytes(INVITATION_BYTES_MAX).slice() };
}
