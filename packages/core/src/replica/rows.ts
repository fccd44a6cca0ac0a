/**
 * The rows of one context in the store. Every key begins with the context's id and a table byte:
 *
 *   'm'            one row: what the last commit left, see `MetaRow`
 *   'o' order u48  index of a delta: enough to rebuild the graph and the access cuts without reading payloads
 *   'd' order u48  the delta as signed, body and signature; in its pruned form where the payload is not here
 *   'v' order u48  the deltas that prove this one and are not in the log: varint n, then n times bytes
 *   'p' id         a delta that waits: see `encodeHeld`
 *   'c' cell key   the cell's canonical bytes
 *   'e' ...        handlers that are still to run on events, see `ledger/row.ts`: local, never replicated
 *   'f' actor      what was counted again for an actor that was left, see `reissue.ts`
 *   'h' page key   a page of the hash tree of the cells, as of the `hashed` mark
 *   's'            one row: keys of epochs as a redeemer handed them over, `sealing/key-ring.ts`
 *   'b', 'k'       the state of the checkpoint in effect, see `checkpoint/rows.ts`
 *   'j', 'q'       of whoever joins by a snapshot, see `snapshot/rows.ts`
 *   'i' ...        derived from cells and deltas (indexes, history): local, never hashed or replicated
 *   'g' ...        what an application keeps itself: folded from a log of the context, or private to this node
 *
 * Orders are big-endian, so deltas are appended in key order and read back in topological order.
 */
import {
  ACTOR_BYTES,
  type ActorId,
  assert,
  type ContextId,
  concatBytes,
  type DeltaId,
  ID_BYTES,
  idKey,
  type PublicKey,
  prefixEnd,
  type RangeOptions,
  Reader,
  type Stamp,
  type WriteOperation,
  Writer,
} from "../base/index.ts";
import {
  DELTA_BYTES_MAX,
  DELTA_PARENTS_MAX,
  type DeltaHeader,
  type Order,
  type Place,
  REPLICA_ID_BYTES,
  VOUCHERS_MAX,
} from "../dag/index.ts";
import { type Claim, isBare } from "./claim.ts";
import { ENTRIES_PER_DELTA_MAX, ENTRY_BYTES_MAX } from "./limits.ts";

/** Raised when rows change in a way that others would misread. */
export const META_VERSION = 3;
const ORDER_BYTES = 6;
const PLACE_BYTES_MAX = 1_024;
const HEADS_MAX = 1_048_576;
const INDEX_MEMBER = 1;
const INDEX_UNSIGNED = 2;
/** It has calls. */
const INDEX_WRITES = 4;
const INDEX_SEALED = 8;
const INDEX_EPOCH = 16;
const INDEX_PRUNED = 32;
const INDEX_FLAGS_MAX = 63;

export type Table = "m" | "o" | "d" | "v" | "p" | "c" | "e" | "f" | "h" | "i" | "b" | "k" | "g" | "s" | "j" | "q";

/** What one commit leaves for the next opening; written with every commit, in the same batch. */
export interface MetaRow {
  /** Deltas admitted: orders below this are in the store. */
  readonly count: number;
  /** Deltas whose joins are in the cells: those from here on are replayed when the context is opened. */
  readonly applied: number;
  readonly heads: readonly Order[];
  /** What the pages of the hash tree in the store are of; undefined when there is no whole set of them. */
  readonly hashed: HashedMark | undefined;
  /** No stamp of this node is ever at or below this again. */
  readonly stampHigh: Stamp;
  /** Where the store was when its actor was drawn: an actor never writes from another place. */
  readonly place: string;
  readonly actor: OwnActor | undefined;
  readonly churn: Churn;
}

/** Cells written since the last checkpoint, and how many of them as tombstones: an estimate of what one would drop. */
export interface Churn {
  readonly written: number;
  readonly deleted: number;
}

export interface HashedMark {
  /** Deltas whose cells they hash: those from here on are hashed when a root is first asked for. */
  readonly count: number;
  readonly root: Uint8Array;
}

export interface OwnActor {
  readonly member: PublicKey;
  readonly replica: Uint8Array;
  /** The last of its deltas that another member said to have flushed: what comes after it is the outbox. */
  readonly acknowledged: number;
}

export function tablePrefix(context: ContextId, table: Table): Uint8Array {
  return concatBytes(context, Uint8Array.of(table.charCodeAt(0)));
}

/** The rows, which all lie in the table of what is derived. */
export function checkDerived(context: ContextId, rows: readonly WriteOperation[]): readonly WriteOperation[] {
  const prefix = tablePrefix(context, "i");
  for (const { key } of rows) {
    for (let i = 0; i < prefix.length; i++) assert(key[i] === prefix[i], "a derived row lies in its own table");
  }
  return rows;
}

export function orderKey(prefix: Uint8Array, order: Order): Uint8Array {
  const key = new Uint8Array(prefix.length + ORDER_BYTES);
  key.set(prefix);
  const view = new DataView(key.buffer);
  view.setUint16(prefix.length, Math.floor(order / 0x1_0000_0000));
  view.setUint32(prefix.length + 2, order % 0x1_0000_0000);
  return key;
}

export function tableRange(prefix: Uint8Array): RangeOptions {
  return { gte: prefix, lt: prefixEnd(prefix) ?? new Uint8Array(0) };
}

export function encodeMeta(meta: MetaRow): Uint8Array {
  const writer = new Writer(160).u8(META_VERSION).varint(meta.count).varint(meta.applied).varint(meta.heads.length);
  for (const head of meta.heads) writer.varint(head);
  writer.varint(meta.hashed?.count ?? 0);
  if (meta.hashed) writer.raw(meta.hashed.root);
  writer
    .varint(meta.stampHigh)
    .string(meta.place)
    .u8(meta.actor ? 1 : 0);
  if (meta.actor) writer.raw(meta.actor.member).raw(meta.actor.replica).varint(meta.actor.acknowledged);
  writer.varint(meta.churn.written).varint(meta.churn.deleted);
  return writer.toBytes();
}

/** The row, or undefined when it is damaged or of another version. */
export function decodeMeta(bytes: Uint8Array): MetaRow | undefined {
  const reader = new Reader(bytes);
  if (reader.u8() !== META_VERSION) return undefined;
  const [count, applied] = [reader.varint(), reader.varint()];
  const heads: Order[] = [];
  const headCount = reader.count(HEADS_MAX);
  for (let i = 0; i < headCount; i++) heads.push(reader.varint());
  const hashedCount = reader.varint();
  const hashed = hashedCount > 0 ? { count: hashedCount, root: reader.raw(ID_BYTES).slice() } : undefined;
  const stampHigh = reader.varint() as Stamp;
  const place = reader.string(PLACE_BYTES_MAX);
  const actor = readFlag(reader) ? readOwnActor(reader) : undefined;
  const churn = { written: reader.varint(), deleted: reader.varint() };
  if (!reader.finish() || applied > count || hashedCount > count) return undefined;
  return { count, applied, heads, hashed, stampHigh, place, actor, churn };
}

/** Whether what follows is there: 0 or 1, so that a row has one form. */
function readFlag(reader: Reader): boolean {
  const flag = reader.u8();
  if (flag > 1) reader.fail();
  return flag === 1;
}

function readOwnActor(reader: Reader): OwnActor {
  const member = reader.raw(ID_BYTES).slice() as PublicKey;
  const replica = reader.raw(REPLICA_ID_BYTES).slice();
  return { member, replica, acknowledged: reader.varint() };
}

/** What the graph and the cuts need of a delta. */
export interface IndexRow {
  readonly header: DeltaHeader;
  readonly place: Place;
  readonly claim: Claim;
}

export function encodeIndex(order: Order, row: IndexRow): Uint8Array {
  const { header } = row;
  const writer = new Writer(128).raw(header.id).raw(header.actor).varint(header.sequence).varint(header.stamp);
  const { parents, prev } = row.place;
  writer.u8(parents.length);
  for (const parent of parents) writer.varint(order - parent);
  writer.varint(prev === undefined ? 0 : order - prev);
  writer.u8(indexFlags(row));
  if (header.member) writer.raw(header.member);
  if (row.claim.epoch) writer.raw(row.claim.epoch);
  writer.varint(row.claim.statements.length);
  for (const statement of row.claim.statements) writer.bytes(statement);
  return writer.toBytes();
}

function indexFlags({ header, place, claim }: IndexRow): number {
  return (
    (header.member ? INDEX_MEMBER : 0) |
    (place.isSigned ? 0 : INDEX_UNSIGNED) |
    (claim.writes ? INDEX_WRITES : 0) |
    (claim.isSealed ? INDEX_SEALED : 0) |
    (claim.epoch ? INDEX_EPOCH : 0) |
    (header.isPruned ? INDEX_PRUNED : 0)
  );
}

/** The row, or undefined when it is damaged. `parents` and `prev` ids are left out of the header: orders say them. */
export function decodeIndex(order: Order, bytes: Uint8Array): IndexRow | undefined {
  const reader = new Reader(bytes);
  const id = reader.raw(ID_BYTES).slice() as DeltaId;
  const actor = reader.raw(ACTOR_BYTES).slice() as ActorId;
  const sequence = reader.varint();
  const stamp = reader.varint() as Stamp;
  const parents: Order[] = [];
  const parentCount = reader.u8();
  if (parentCount > DELTA_PARENTS_MAX) return undefined;
  for (let i = 0; i < parentCount; i++) {
    const back = reader.varint();
    if (back < 1 || back > order) return undefined;
    parents.push(order - back);
  }
  const prevBack = reader.varint();
  const flags = reader.u8();
  if (prevBack > order || flags > INDEX_FLAGS_MAX) return undefined;
  const member = (flags & INDEX_MEMBER) !== 0 ? (reader.raw(ID_BYTES).slice() as PublicKey) : undefined;
  const epoch = (flags & INDEX_EPOCH) !== 0 ? (reader.raw(ID_BYTES).slice() as DeltaId) : undefined;
  const statements: Uint8Array[] = [];
  const count = reader.count(ENTRIES_PER_DELTA_MAX);
  for (let i = 0; i < count; i++) statements.push(reader.bytes(ENTRY_BYTES_MAX).slice());
  if (!reader.finish()) return undefined;
  const isSealed = (flags & INDEX_SEALED) !== 0;
  const claim = { statements, writes: (flags & INDEX_WRITES) !== 0, isSealed, epoch };
  const names = { key: idKey(id), actorKey: idKey(actor) };
  const unsaid = { parents: [], parentKeys: [], prev: undefined, prevKey: undefined, cause: undefined };
  const isPruned = (flags & INDEX_PRUNED) !== 0;
  const header = { id, actor, ...names, sequence, stamp, member, ...unsaid, isPruned };
  const prev = prevBack > 0 ? order - prevBack : undefined;
  return { header, place: { parents, prev, isSigned: (flags & INDEX_UNSIGNED) === 0, isBare: isBare(claim) }, claim };
}

/** The deltas that vouch for one of the log, from the one that names it on. */
export function encodeVouchers(chain: readonly Uint8Array[]): Uint8Array {
  const writer = new Writer(1024).varint(chain.length);
  for (const delta of chain) writer.bytes(delta);
  return writer.toBytes();
}

export function decodeVouchers(bytes: Uint8Array): Uint8Array[] | undefined {
  const reader = new Reader(bytes);
  const chain: Uint8Array[] = [];
  const count = reader.count(VOUCHERS_MAX);
  for (let i = 0; i < count; i++) chain.push(reader.bytes(DELTA_BYTES_MAX).slice());
  return reader.finish() && count > 0 ? chain : undefined;
}
