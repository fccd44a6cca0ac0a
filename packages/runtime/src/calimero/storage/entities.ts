/**
 * The entities that the host keeps for a guest that has no storage of its own to bring along: a JavaScript one. They lie
 * in the guest's state like any other of its rows, so they fold, are taken back and are read as those are.
 *
 * ```
 * entry key of an id   parent 32 | metadata | option: deleted at u64 | data (bytes)
 * slot of a parent     SHA-256("dunlin/slot" | parent 32 | index u32)  ->  child id 32
 * count of a parent    SHA-256("dunlin/count" | parent 32)             ->  u32
 * sum                  SHA-256("dunlin/sum")                           ->  sum of the hashes of all entities, 32
 * ```
 *
 * A child keeps its slot when it is deleted. The sum names the state by what is in it: equal entities, equal sums.
 */
import { assert, bytesEqual, concatBytes, utf8 } from "@dunlin/core/base";
import type { HostCall } from "../host-call.ts";
import { HostTrap } from "../trap.ts";
import { CURRENT_FORM, type Metadata, readMetadata, writeMetadata } from "./action.ts";
import { BorshReader, BorshWriter } from "./borsh.ts";
import { entryKey } from "./ids.ts";
import { unsigned } from "./signing.ts";

export interface Entity {
  readonly id: Uint8Array;
  readonly parent: Uint8Array;
  readonly metadata: Metadata;
  readonly deletedAt: bigint | undefined;
  readonly data: Uint8Array;
}

const ID_BYTES = 32;
const SLOT: Uint8Array = utf8("dunlin/slot");
const COUNT: Uint8Array = utf8("dunlin/count");
const SUM: Uint8Array = utf8("dunlin/sum");
const SUM_BITS = 256;

export class Entities {
  readonly #call: HostCall;

  constructor(call: HostCall) {
    this.#call = call;
  }

  /** What was ever there under an id, deleted or not. */
  get(id: Uint8Array): Entity | undefined {
    const bytes = this.#read(entryKey(this.#call.crypto, id));
    if (!bytes) return undefined;
    const reader = new BorshReader(bytes);
    const parent = reader.fixed(ID_BYTES);
    const metadata = readMetadata(reader, CURRENT_FORM);
    const deletedAt = reader.flag() ? reader.u64() : undefined;
    const data = reader.bytes();
    if (!reader.isDone) throw new HostTrap("DeserializationError", "an entity of the storage is no entity");
    return { id, parent, metadata, deletedAt, data };
  }

  /** What shows under an id. */
  live(id: Uint8Array): Entity | undefined {
    const entity = this.get(id);
    return entity?.deletedAt === undefined ? entity : undefined;
  }

  put(entity: Entity): void {
    const before = this.get(entity.id);
    if (!before) this.#addChild(entity);
    const writer = new BorshWriter().fixed(entity.parent);
    writeMetadata(writer, entity.metadata, CURRENT_FORM);
    writer.u8(entity.deletedAt === undefined ? 0 : 1);
    if (entity.deletedAt !== undefined) writer.u64(entity.deletedAt);
    this.#write(entryKey(this.#call.crypto, entity.id), writer.bytes(entity.data).toBytes());
    this.#addToSum(this.#digest(entity) - (before ? this.#digest(before) : 0n));
  }

  /** The children that show, by when they were made. */
  children(parent: Uint8Array): Entity[] {
    const children: Entity[] = [];
    const count = this.#countOf(parent);
    for (let index = 0; index < count; index++) {
      const id = this.#read(this.#slotKey(parent, index));
      assert(id, "a slot below the count holds a child");
      const child = this.live(id.slice());
      if (child) children.push(child);
    }
    return children.sort(byCreation);
  }

  /** Names the state. */
  root(): Uint8Array {
    return this.#read(this.#call.crypto.sha256(SUM))?.slice() ?? new Uint8Array(ID_BYTES);
  }

  #addChild({ id, parent }: Entity): void {
    if (bytesEqual(id, parent)) return;
    const count = this.#countOf(parent);
    this.#write(this.#slotKey(parent, count), id);
    this.#write(this.#countKey(parent), new BorshWriter().u32(count + 1).toBytes());
  }

  #countOf(parent: Uint8Array): number {
    const bytes = this.#read(this.#countKey(parent));
    return bytes ? new BorshReader(bytes).u32() : 0;
  }

  #countKey(parent: Uint8Array): Uint8Array {
    return this.#call.crypto.sha256(concatBytes(COUNT, parent));
  }

  #slotKey(parent: Uint8Array, index: number): Uint8Array {
    return this.#call.crypto.sha256(concatBytes(SLOT, parent, new BorshWriter().u32(index).toBytes()));
  }

  #digest({ id, parent, metadata, deletedAt, data }: Entity): bigint {
    const writer = new BorshWriter().fixed(id).fixed(parent);
    writeMetadata(writer, { ...metadata, storage: unsigned(metadata.storage) }, CURRENT_FORM);
    writer.u64(deletedAt ?? 0n).bytes(data);
    return toNumber(this.#call.crypto.sha256(writer.toBytes()));
  }

  #addToSum(difference: bigint): void {
    const sum = BigInt.asUintN(SUM_BITS, toNumber(this.root()) + difference);
    const bytes = new Uint8Array(ID_BYTES);
    for (let i = ID_BYTES - 1, rest = sum; i >= 0; i--, rest >>= 8n) bytes[i] = Number(rest & 0xffn);
    this.#write(this.#call.crypto.sha256(SUM), bytes);
  }

  #read(key: Uint8Array): Uint8Array | undefined {
    const value = this.#call.storage.get(key);
    this.#call.work(value?.length ?? 0);
    return value;
  }

  #write(key: Uint8Array, value: Uint8Array): void {
    if (value.length > this.#call.limits.storageValueBytesMax) {
      throw new HostTrap("ValueLengthOverflow", "value length overflow");
    }
    this.#call.work(value.length);
    this.#call.written(key.length + value.length);
    this.#call.storage.set(key, value);
  }
}

function byCreation(a: Entity, b: Entity): number {
  const [left, right] = [a.metadata.createdAt, b.metadata.createdAt];
  if (left !== right) return left < right ? -1 : 1;
  return toNumber(a.id) < toNumber(b.id) ? -1 : 1;
}

function toNumber(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return value;
}
