/**
 * The row by which a store is a database: whose it is, and the genesis of its context.
 *
 *   zero 32 | 'b'  ->  u8 1 | secret key 32 | context 32 | genesis delta (bytes)
 *
 * It is written before anything else, so a database that was made only half is made whole when it is opened again. The
 * secret key is the member's: whoever reads the store can write as its owner, as with any local data.
 */
import { type ContextId, concatBytes, ID_BYTES, Reader, Writer } from "../base/index.ts";
import { SEED_BYTES } from "../crypto/index.ts";

const FORMAT = 1;
const GENESIS_BYTES_MAX = 4_096;

export const IDENTITY_KEY: Uint8Array = concatBytes(new Uint8Array(32), Uint8Array.of("b".charCodeAt(0)));

export interface DatabaseIdentity {
  readonly secretKey: Uint8Array;
  readonly context: ContextId;
  readonly genesis: Uint8Array;
}

export function encodeIdentity({ secretKey, context, genesis }: DatabaseIdentity): Uint8Array {
  return new Writer(256).u8(FORMAT).raw(secretKey).raw(context).bytes(genesis).toBytes();
}

/** The row, or undefined when the bytes are not the canonical form of one. */
export function decodeIdentity(bytes: Uint8Array): DatabaseIdentity | undefined {
  const reader = new Reader(bytes);
  if (reader.u8() !== FORMAT) return undefined;
  const secretKey = reader.raw(SEED_BYTES).slice();
  const context = reader.raw(ID_BYTES).slice() as ContextId;
  const genesis = reader.bytes(GENESIS_BYTES_MAX).slice();
  return reader.finish() ? { secretKey, context, genesis } : undefined;
}
