/**
 * Collections for guests whose language brings none along: what the JavaScript SDK builds on. Each is an entity under the
 * root, by an id that the guest keeps in its root document; one that is not there yet is made by its first use.
 *
 * They tell a failure by -1 and its text, in the register for the result or in register 0.
 */
import { bytesEqual, bytesToHex, concatBytes, utf8 } from "@dunlin/core/base";
import type { Slice } from "../../wasm/guest-memory.ts";
import type { HostCall } from "../host-call.ts";
import { type ArgumentKind, type Arguments, act, type HostFunction, host } from "../host-function.ts";
import { BorshReader, BorshWriter } from "../storage/borsh.ts";
import type { Entity } from "../storage/entities.ts";
import { shareOf } from "../storage/host-storage.ts";
import { entryId } from "../storage/ids.ts";
import { invalidMemoryAccess } from "../trap.ts";

const ID_BYTES = 32;
const NOTHING = new Uint8Array(0);
const ERROR_REGISTER = 0n;
const NS_PER_SECOND = 1_000_000_000n;
const REGISTER_VALUE: Uint8Array = utf8("value");

/** What a guest did wrong, as it is told. */
class Misuse extends Error {}

/** A function on a collection, whose failures go to the last register among its arguments. */
function on<const K extends readonly ArgumentKind[]>(
  name: string,
  args: K,
  run: (call: HostCall, ...args: Arguments<K>) => boolean | number,
): HostFunction {
  return host(name, args, "i32", (call, ...values) => {
    try {
      return run(call, ...values);
    } catch (thrown) {
      if (!(thrown instanceof Misuse)) throw thrown;
      const last = args.at(-1) === "number" ? (values.at(-1) as bigint) : ERROR_REGISTER;
      call.give(last, utf8(thrown.message));
      return -1;
    }
  });
}

/** A key of 32 bytes; the texts of what is refused are the original's. */
function keyOf(call: HostCall, slice: Slice | undefined, name: string): Uint8Array {
  if (slice?.length === ID_BYTES) return call.bytes(slice);
  throw new Misuse(`${name} must be exactly 32 bytes`);
}

/** The collection's id, called a map's whatever it is of; the collection is there from then on. */
function collection(call: HostCall, slice: Slice): Uint8Array {
  if (slice.length !== ID_BYTES) throw new Misuse(`mapId must be exactly 32 bytes (received ${slice.length})`);
  const id = call.bytes(slice);
  if (!call.entities.entities.get(id)) create(call, id);
  return id;
}

function create(call: HostCall, id: Uint8Array): void {
  call.entities.save({ id, parent: call.entities.rootId, data: concatBytes(id, id) });
}

function made(name: string): HostFunction {
  return on(name, ["number"], (call, register) => {
    const id = call.random(ID_BYTES);
    create(call, id);
    call.give(register, id.slice());
    return 0;
  });
}

/** Gives a value to a register, or nothing at all and 0. */
function answer(call: HostCall, register: bigint, value: Uint8Array | undefined): boolean {
  call.give(register, value?.slice() ?? NOTHING);
  return value !== undefined;
}

function give64(call: HostCall, register: bigint, value: bigint): boolean {
  call.give(register, new BorshWriter().u64(value).toBytes());
  return true;
}

// A map's entry is `key (bytes) | value (bytes) | id`, an element of a set or a vector `value (bytes) | id`.

function pairOf({ data }: Entity): [key: Uint8Array, value: Uint8Array] {
  const reader = new BorshReader(data);
  return [reader.bytes(), reader.bytes()];
}

function elementOf({ data }: Entity): Uint8Array {
  return new BorshReader(data).bytes();
}

function entryOf(call: HostCall, map: Uint8Array, key: Uint8Array): Entity | undefined {
  return call.entities.entities.live(entryId(call.crypto, map, key));
}

function childrenOf(call: HostCall, parent: Uint8Array): Entity[] {
  return call.entities.entities.children(parent);
}

const MAP: readonly HostFunction[] = [
  made("js_crdt_map_new"),
  on("js_crdt_map_get", ["buffer", "buffer", "number"], (call, map, key, register) => {
    const entry = entryOf(call, collection(call, map), call.bytes(key));
    return answer(call, register, entry && pairOf(entry)[1]);
  }),
  on("js_crdt_map_insert", ["buffer", "buffer", "buffer", "number"], (call, map, key, value, register) => {
    const parent = collection(call, map);
    const [name, content] = [call.bytes(key), call.bytes(value)];
    const id = entryId(call.crypto, parent, name);
    const before = call.entities.entities.live(id);
    call.entities.save({ id, parent, data: new BorshWriter().bytes(name).bytes(content).fixed(id).toBytes() });
    return answer(call, register, before && pairOf(before)[1]);
  }),
  on("js_crdt_map_remove", ["buffer", "buffer", "number"], (call, map, key, register) => {
    const entry = entryOf(call, collection(call, map), call.bytes(key));
    if (entry) call.entities.remove(entry);
    return answer(call, register, entry && pairOf(entry)[1]);
  }),
  on("js_crdt_map_contains", ["buffer", "buffer"], (call, map, key) => {
    return entryOf(call, collection(call, map), call.bytes(key)) !== undefined;
  }),
  on("js_crdt_map_iter", ["buffer", "number"], (call, map, register) => {
    const entries = childrenOf(call, collection(call, map)).map(pairOf);
    const writer = new BorshWriter().u32(entries.length);
    for (const [key, value] of entries) writer.bytes(key).bytes(value);
    call.give(register, writer.toBytes());
    return true;
  }),
];

const VECTOR: readonly HostFunction[] = [
  made("js_crdt_vector_new"),
  on("js_crdt_vector_len", ["buffer", "number"], (call, vector, register) =>
    give64(call, register, BigInt(childrenOf(call, collection(call, vector)).length)),
  ),
  on("js_crdt_vector_push", ["buffer", "buffer"], (call, vector, value) => {
    const parent = collection(call, vector);
    const id = call.random(ID_BYTES);
    call.entities.save({ id, parent, data: new BorshWriter().bytes(call.bytes(value)).fixed(id).toBytes() });
    return true;
  }),
  on("js_crdt_vector_get", ["buffer", "number", "number"], (call, vector, index, register) => {
    const elements = childrenOf(call, collection(call, vector));
    const element = index < BigInt(elements.length) ? elements[Number(index)] : undefined;
    return answer(call, register, element && elementOf(element));
  }),
  on("js_crdt_vector_pop", ["buffer", "number"], (call, vector, register) => {
    const last = childrenOf(call, collection(call, vector)).at(-1);
    if (last) call.entities.remove(last);
    return answer(call, register, last && elementOf(last));
  }),
];

const SET: readonly HostFunction[] = [
  made("js_crdt_set_new"),
  on("js_crdt_set_insert", ["buffer", "buffer"], (call, set, value) => {
    const parent = collection(call, set);
    const content = call.bytes(value);
    const id = entryId(call.crypto, parent, content);
    if (call.entities.entities.live(id)) return false;
    call.entities.save({ id, parent, data: new BorshWriter().bytes(content).fixed(id).toBytes() });
    return true;
  }),
  on("js_crdt_set_remove", ["buffer", "buffer"], (call, set, value) => {
    const element = entryOf(call, collection(call, set), call.bytes(value));
    if (element) call.entities.remove(element);
    return element !== undefined;
  }),
  on("js_crdt_set_contains", ["buffer", "buffer"], (call, set, value) => {
    return entryOf(call, collection(call, set), call.bytes(value)) !== undefined;
  }),
  on("js_crdt_set_len", ["buffer", "number"], (call, set, register) =>
    give64(call, register, BigInt(childrenOf(call, collection(call, set)).length)),
  ),
  on("js_crdt_set_iter", ["buffer", "number"], (call, set, register) => {
    const values = childrenOf(call, collection(call, set)).map(elementOf);
    const writer = new BorshWriter().u32(values.length);
    for (const value of values) writer.bytes(value);
    call.give(register, writer.toBytes());
    return true;
  }),
  on("js_crdt_set_clear", ["buffer"], (call, set) => {
    const elements = childrenOf(call, collection(call, set));
    for (const element of elements) call.entities.remove(element);
    return elements.length > 0;
  }),
];

// A register's value is `time: fraction of seconds u64 | who 16 | 0, or 1 and value (bytes)`.

const REGISTER: readonly HostFunction[] = [
  made("js_crdt_lww_new"),
  on("js_crdt_lww_set", ["buffer", "optional", "flag"], (call, register, value, hasValue) => {
    const parent = collection(call, register);
    const id = entryId(call.crypto, parent, REGISTER_VALUE);
    const content = hasValue === 0 ? undefined : call.bytes(value ?? invalidMemoryAccess());
    const before = call.entities.entities.live(id);
    const previous = before && registerOf(before).value;
    const isSame =
      content === undefined ? previous === undefined : previous !== undefined && bytesEqual(previous, content);
    if (before && isSame) return false;
    const writer = new BorshWriter().fixed(timestamp(call)).u8(content === undefined ? 0 : 1);
    if (content !== undefined) writer.bytes(content);
    call.entities.save({ id, parent, data: writer.toBytes() });
    return true;
  }),
  on("js_crdt_lww_get", ["buffer", "number"], (call, register, into) => {
    const held = entryOf(call, collection(call, register), REGISTER_VALUE);
    return answer(call, into, held && registerOf(held).value);
  }),
  on("js_crdt_lww_timestamp", ["buffer", "number"], (call, register, into) => {
    const held = entryOf(call, collection(call, register), REGISTER_VALUE);
    const { time, value } = held ? registerOf(held) : NO_VALUE;
    return answer(call, into, value && time);
  }),
];

interface RegisterValue {
  readonly time: Uint8Array;
  readonly value: Uint8Array | undefined;
}

const NO_VALUE: RegisterValue = { time: NOTHING, value: undefined };

function registerOf({ data }: Entity): RegisterValue {
  const reader = new BorshReader(data);
  const time = reader.fixed(24);
  return { time, value: reader.flag() ? reader.bytes() : undefined };
}

/** Seconds and their fraction in 32 bits each, the lowest 16 cleared, and the first half of the caller's key. */
function timestamp(call: HostCall): Uint8Array {
  const now = call.now();
  const seconds = now / NS_PER_SECOND;
  const fraction = ((now % NS_PER_SECOND) << 32n) / NS_PER_SECOND;
  const time = BigInt.asUintN(64, ((seconds << 32n) | fraction) & ~0xffffn);
  return new BorshWriter().u64(time).fixed(call.request.executor.subarray(0, 16)).toBytes();
}

// A counter has a share for each caller: `key in hexadecimal (bytes) | u64 | id`.

const COUNTER: readonly HostFunction[] = [
  made("js_crdt_counter_new"),
  on("js_crdt_counter_increment", ["buffer"], (call, counter) => {
    const parent = collection(call, counter);
    const key = utf8(bytesToHex(call.request.executor));
    const id = entryId(call.crypto, parent, key);
    const before = call.entities.entities.live(id);
    const share = (before ? shareOf(before.data) : 0n) + 1n;
    const data = new BorshWriter().bytes(key).u64(share).fixed(id).toBytes();
    call.entities.save({ id, parent, data, isCounter: true });
    return true;
  }),
  on("js_crdt_counter_value", ["buffer", "number"], (call, counter, register) => {
    const shares = childrenOf(call, collection(call, counter)).map(({ data }) => shareOf(data));
    return give64(
      call,
      register,
      shares.reduce((sum, share) => sum + share, 0n),
    );
  }),
  on(
    "js_crdt_counter_get_executor_count",
    ["buffer", "optional", "flag", "number"],
    (call, counter, executor, hasExecutor, register) => {
      const parent = collection(call, counter);
      const who = hasExecutor === 0 ? call.request.executor : keyOf(call, executor, "executor id");
      const share = entryOf(call, parent, utf8(bytesToHex(who)));
      return give64(call, register, share ? shareOf(share.data) : 0n);
    },
  ),
];

// What a member owns is `value (bytes) | id`, under the member's key.

const USER: readonly HostFunction[] = [
  made("js_user_storage_new"),
  on("js_user_storage_insert", ["buffer", "buffer", "number"], (call, storage, value, register) => {
    const parent = collection(call, storage);
    const id = entryId(call.crypto, parent, call.request.executor);
    const before = call.entities.entities.live(id);
    const data = new BorshWriter().bytes(call.bytes(value)).fixed(id).toBytes();
    call.entities.save({ id, parent, data, storage: "user" });
    return answer(call, register, before && elementOf(before));
  }),
  on("js_user_storage_get", ["buffer", "number"], (call, storage, register) => {
    const own = entryOf(call, collection(call, storage), call.request.executor);
    return answer(call, register, own && elementOf(own));
  }),
  on("js_user_storage_get_for_user", ["buffer", "buffer", "number"], (call, storage, user, register) => {
    const owned = entryOf(call, collection(call, storage), keyOf(call, user, "user key"));
    return answer(call, register, owned && elementOf(owned));
  }),
  on("js_user_storage_remove", ["buffer", "number"], (call, storage, register) => {
    const own = entryOf(call, collection(call, storage), call.request.executor);
    if (own) call.entities.remove(own);
    return answer(call, register, own && elementOf(own));
  }),
  on("js_user_storage_contains", ["buffer"], (call, storage) => {
    return entryOf(call, collection(call, storage), call.request.executor) !== undefined;
  }),
  on("js_user_storage_contains_user", ["buffer", "buffer"], (call, storage, user) => {
    return entryOf(call, collection(call, storage), keyOf(call, user, "user key")) !== undefined;
  }),
];

// What is frozen is `hash 32 | value (bytes) | id`, under the hash of `value (bytes)`.

const FROZEN: readonly HostFunction[] = [
  made("js_frozen_storage_new"),
  on("js_frozen_storage_add", ["buffer", "buffer", "number"], (call, storage, value, register) => {
    const parent = collection(call, storage);
    const content = new BorshWriter().bytes(call.bytes(value)).toBytes();
    const hash = call.crypto.sha256(content);
    const id = entryId(call.crypto, parent, hash);
    if (!call.entities.entities.live(id)) {
      call.entities.save({ id, parent, data: concatBytes(hash, content, id), storage: "frozen" });
    }
    call.give(register, hash.slice());
    return true;
  }),
  on("js_frozen_storage_get", ["buffer", "buffer", "number"], (call, storage, hash, register) => {
    const frozen = entryOf(call, collection(call, storage), keyOf(call, hash, "hash"));
    return answer(call, register, frozen && new BorshReader(frozen.data.subarray(ID_BYTES)).bytes());
  }),
  on("js_frozen_storage_contains", ["buffer", "buffer"], (call, storage, hash) => {
    return entryOf(call, collection(call, storage), keyOf(call, hash, "hash")) !== undefined;
  }),
];

const ROOT: readonly HostFunction[] = [
  act("persist_root_state", ["buffer", "number", "number"], (call, document, created, updated) => {
    const { entities, rootId } = call.entities;
    const before = entities.get(rootId);
    const now = call.now();
    const createdAt = before?.metadata.createdAt ?? (created === 0n ? now : created);
    const least = (updated > createdAt ? updated : createdAt) + (before ? 1n : 0n);
    const last = before ? before.metadata.updatedAt + 1n : 0n;
    const updatedAt = [now, least, last].reduce((a, b) => (a > b ? a : b));
    const times = { created: createdAt, updated: before ? updatedAt : createdAt };
    call.entities.save({ id: rootId, parent: rootId, data: call.bytes(document) }, times);
  }),
  host("read_root_state", ["number"], "i32", (call, register) => {
    const root = call.entities.entities.live(call.entities.rootId);
    if (!root) return false;
    call.give(register, root.data.slice());
    return true;
  }),
  act("apply_storage_delta", ["buffer"], (call, delta) => {
    if (call.requests.committed !== undefined) invalidMemoryAccess();
    call.entities.apply(call.bytes(delta));
  }),
  host("flush_delta", [], "i32", (call) => call.entities.flush()),
];

export const COLLECTION_FUNCTIONS: readonly HostFunction[] = [
  ...MAP,
  ...VECTOR,
  ...SET,
  ...REGISTER,
  ...COUNTER,
  ...USER,
  ...FROZEN,
  ...ROOT,
];
