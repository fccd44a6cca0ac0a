/**
 * Which contexts this shard holds, and as whom it takes part: rows of the store beside the contexts' own, under a
 * prefix that is no context's id.
 *
 *   zero 32 ‖ 'x' ‖ context 32   ->   u8 1 ‖ member 32 ‖ u8 0 | 1 redeemer's member 32 ‖ varint n, n strings: addresses
 */
import {
  type ContextId,
  concatBytes,
  contextId,
  ID_BYTES,
  type KeyValueStore,
  type PublicKey,
  prefixEnd,
  publicKey,
  Reader,
  type ReadView,
  Writer,
} from "@dunlin/core/base";

const PREFIX = concatBytes(new Uint8Array(ID_BYTES), Uint8Array.of("x".charCodeAt(0)));
const ADDRESSES_MAX = 16;
const ADDRESS_BYTES_MAX = 256;

export interface ContextRecord {
  readonly context: ContextId;
  readonly member: PublicKey;
  /** Who redeems the invitation that we joined by: trusted until the access log is here. */
  readonly redeemer: PublicKey | undefined;
  readonly addresses: readonly string[];
}

/** `damaged`: contexts whose row does not decode. */
export function readContexts(store: ReadView): {
  readonly records: readonly ContextRecord[];
  readonly damaged: readonly ContextId[];
} {
  const records: ContextRecord[] = [];
  const damaged: ContextId[] = [];
  const lt = prefixEnd(PREFIX) ?? new Uint8Array(0);
  for (const [key, value] of store.range({ gte: PREFIX, lt })) {
    const context = contextId(key.slice(PREFIX.length));
    const record = decodeRecord(context, value);
    if (record) records.push(record);
    else damaged.push(context);
  }
  return { records, damaged };
}

export function recordKey(context: Uint8Array): Uint8Array {
  return concatBytes(PREFIX, context);
}

export function writeContext(store: KeyValueStore, record: ContextRecord): Promise<void> {
  return store.commit([{ kind: "put", key: recordKey(record.context), value: encodeRecord(record) }]);
}

export function removeContext(store: KeyValueStore, context: ContextId): Promise<void> {
  return store.commit([{ kind: "delete", key: recordKey(context) }]);
}

export function encodeRecord({ member, redeemer, addresses }: Omit<ContextRecord, "context">): Uint8Array {
  const writer = new Writer(128)
    .u8(1)
    .raw(member)
    .u8(redeemer ? 1 : 0);
  if (redeemer) writer.raw(redeemer);
  writer.varint(addresses.length);
  for (const address of addresses) writer.string(address);
  return writer.toBytes();
}

/** Undefined for a row that this version did not write. */
export function decodeRecord(context: ContextId, bytes: Uint8Array): ContextRecord | undefined {
  const reader = new Reader(bytes);
  if (reader.u8() !== 1) return undefined;
  const member = reader.raw(ID_BYTES);
  const isRedeemed = reader.u8();
  if (isRedeemed > 1) return undefined;
  const redeemer = isRedeemed === 1 ? reader.raw(ID_BYTES) : undefined;
  const count = reader.count(ADDRESSES_MAX);
  const addresses: string[] = [];
  for (let i = 0; i < count; i++) addresses.push(reader.string(ADDRESS_BYTES_MAX));
  if (!reader.finish()) return undefined;
  return { context, member: publicKey(member.slice()), redeemer: redeemer && publicKey(redeemer.slice()), addresses };
}
