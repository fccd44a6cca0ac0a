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

export function readContexts(store: KeyValueStore): ContextRecord[] {
  const records: ContextRecord[] = [];
  const lt = prefixEnd(PREFIX) ?? new Uint8Array(0);
  for (const [key, value] of store.range({ gte: PREFIX, lt })) {
    const record = decodeRecord(contextId(key.slice(PREFIX.length)), value);
    if (record) records.push(record);
  }
  return records;
}

export function writeContext(store: KeyValueStore, record: ContextRecord): Promise<void> {
  const writer = new Writer(128)
    .u8(1)
    .raw(record.member)
    .u8(record.redeemer ? 1 : 0);
  if (record.redeemer) writer.raw(record.redeemer);
  writer.varint(record.addresses.length);
  for (const address of record.addresses) writer.string(address);
  return store.commit([{ kind: "put", key: concatBytes(PREFIX, record.context), value: writer.toBytes() }]);
}

export function removeContext(store: KeyValueStore, context: ContextId): Promise<void> {
  return store.commit([{ kind: "delete", key: concatBytes(PREFIX, context) }]);
}

function decodeRecord(context: ContextId, bytes: Uint8Array): ContextRecord | undefined {
  const reader = new Reader(bytes);
  if (reader.u8() !== 1) return undefined;
  const member = reader.raw(ID_BYTES);
  const redeemer = reader.u8() === 1 ? reader.raw(ID_BYTES) : undefined;
  const count = reader.count(ADDRESSES_MAX);
  const addresses: string[] = [];
  for (let i = 0; i < count; i++) addresses.push(reader.string(ADDRESS_BYTES_MAX));
  if (!reader.finish()) return undefined;
  return { context, member: publicKey(member.slice()), redeemer: redeemer && publicKey(redeemer.slice()), addresses };
}
