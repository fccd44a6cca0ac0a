// A counter in AssemblyScript, kept by the host: what members count at the same time is added up, since the host holds a
// share for each. `node examples/counter/build.mjs` makes counter.wat of it. The functions: docs/guide/abi.md.

@external("env", "input")
declare function input(register: u64): void;
@external("env", "register_len")
declare function registerLength(register: u64): u64;
@external("env", "read_register")
declare function readRegister(register: u64, into: u64): i32;
@external("env", "value_return")
declare function valueReturn(returned: u64): void;
@external("env", "emit")
declare function emit(event: u64): void;
@external("env", "js_crdt_counter_increment")
declare function increment(counter: u64): i32;
@external("env", "js_crdt_counter_value")
declare function counterValue(counter: u64, register: u64): i32;
@external("env", "flush_delta")
declare function flushDelta(): i32;
@external("env", "apply_storage_delta")
declare function applyStorageDelta(delta: u64): void;

const REGISTER: u64 = 1;

/** Room for a number of 64 bits in each. */
const ID = memory.data(32);
const NUMBER = memory.data(8);
/** Descriptors: address and length of bytes, two of them for an event, and a tag before them for what is returned. */
const COUNTER = memory.data(16);
const BUFFER = memory.data(16);
const EVENT = memory.data(32);
const RETURNED = memory.data(24);
const INCREASED = String.UTF8.encode("Increased");

function describe(at: usize, address: usize, length: u64): u64 {
  store<u64>(at, address as u64);
  store<u64>(at, length, 8);
  return at as u64;
}

/** The counter's id: any 32 bytes, the same on every node. */
function counter(): u64 {
  memory.fill(ID, 1, 32);
  return describe(COUNTER, ID, 32);
}

function read(): u64 {
  counterValue(counter(), REGISTER);
  readRegister(REGISTER, describe(BUFFER, NUMBER, 8));
  return load<u64>(NUMBER);
}

function answer(value: u64): void {
  const text = String.UTF8.encode(value.toString());
  store<u64>(RETURNED, 0);
  describe(RETURNED + 8, changetype<usize>(text), text.byteLength);
  valueReturn(RETURNED as u64);
}

/** Counts one, tells of it, and returns what the count is then. */
export function increase(): void {
  increment(counter());
  const value = read();
  const text = String.UTF8.encode(value.toString());
  describe(EVENT, changetype<usize>(INCREASED), INCREASED.byteLength);
  describe(EVENT + 16, changetype<usize>(text), text.byteLength);
  emit(EVENT as u64);
  answer(value);
  flushDelta();
}

export function value(): void {
  answer(read());
}

/** What the node calls with what another member's call has flushed. */
export function __calimero_sync_next(): void {
  input(REGISTER);
  const length = registerLength(REGISTER);
  const delta = describe(BUFFER, heap.alloc(length as usize), length);
  readRegister(REGISTER, delta);
  applyStorageDelta(delta);
}
