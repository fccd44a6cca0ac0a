/** The state of the context, and what is private to this node. */
import type { Slice } from "../../wasm/guest-memory.ts";
import type { HostCall } from "../host-call.ts";
import { type HostFunction, host } from "../host-function.ts";
import type { Overlay } from "../overlay.ts";
import { HostTrap } from "../trap.ts";

export const STORAGE_FUNCTIONS: readonly HostFunction[] = [
  host("storage_read", ["buffer", "number"], "i32", (call, key, register) => read(call, call.storage, key, register)),
  host("storage_write", ["buffer", "buffer", "number"], "i32", (call, key, value, register) => {
    const name = keyOf(call, key);
    const before = call.storage.get(name);
    write(call, call.storage, name, value);
    if (before !== undefined) call.give(register, before.slice());
    return before !== undefined;
  }),
  host("storage_remove", ["buffer", "number"], "i32", (call, key, register) =>
    remove(call, call.storage, key, register),
  ),
  host("private_storage_read", ["buffer", "number"], "i32", (call, key, register) =>
    read(call, call.local.privateStorage, key, register),
  ),
  host("private_storage_write", ["buffer", "buffer"], "i32", (call, key, value) => {
    write(call, call.local.privateStorage, keyOf(call, key), value);
    return true;
  }),
  host("private_storage_remove", ["buffer", "number"], "i32", (call, key, register) =>
    remove(call, call.local.privateStorage, key, register),
  ),
];

function keyOf(call: HostCall, key: Slice): Uint8Array {
  if (key.length > call.limits.storageKeyBytesMax) throw new HostTrap("KeyLengthOverflow", "key length overflow");
  return call.bytes(key);
}

function read(call: HostCall, storage: Overlay, key: Slice, register: bigint): boolean {
  const value = storage.get(keyOf(call, key));
  if (value === undefined) return false;
  call.give(register, value.slice());
  return true;
}

function write(call: HostCall, storage: Overlay, key: Uint8Array, value: Slice): void {
  if (value.length > call.limits.storageValueBytesMax)
    throw new HostTrap("ValueLengthOverflow", "value length overflow");
  call.written(key.length + value.length);
  storage.set(key, call.bytes(value));
}

function remove(call: HostCall, storage: Overlay, key: Slice, register: bigint): boolean {
  const name = keyOf(call, key);
  const before = storage.get(name);
  if (before === undefined) return false;
  call.written(name.length);
  storage.set(name, undefined);
  call.give(register, before.slice());
  return true;
}
