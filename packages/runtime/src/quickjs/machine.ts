/**
 * A thin binding to the exports of `quickjs.wasm`: values are addresses, nothing is wrapped, and nothing that the host
 * makes during a call is freed but large strings, because the reset to the image takes everything back.
 *
 * No function here runs guest code except `call` and `evaluate`. The guest has run out of memory when an allocation
 * gives address 0; that ends the call.
 */
import { assert } from "@dunlin/core/base";
import { CallAbort } from "../call.ts";
import { FUEL_EXPORT, STACK_EXPORT } from "../fuel/meter.ts";
import {
  ENGINE_STACK_BYTES,
  GUEST_GC_THRESHOLD_BYTES,
  GUEST_HEADROOM_BYTES,
  GUEST_MEMORY_BYTES,
  GUEST_STACK_BYTES,
  LOAD_FUEL,
} from "../limits.ts";
import { exportsOf, type QuickjsExports } from "./exports.ts";
import { type Image, loadImage, resetToImage, takeImage } from "./image.ts";
import { type GuestWorld, guestImports } from "./imports.ts";
import { readWtf8, writeWtf8 } from "./wtf8.ts";

export type Pointer = number;

/** All but `performance` (bit 10: its origin lies in the image) and weak references (bit 9: they show the collector). */
const INTRINSICS = ~((1 << 9) | (1 << 10));
const SCRATCH_BYTES = 16_384;
const CELL_BYTES = 8;
const ARGC_MAX = 8;
/** Fuel that the host may have used before it is taken. */
const SPENT_MAX = 20_000;

/** Where the binding keeps its buffers within a guest: the same in every instance of an image. */
export interface Scratch {
  readonly text: Pointer;
  readonly cells: Pointer;
  readonly argv: Pointer;
}

export class Machine {
  readonly #exports: QuickjsExports;
  readonly #scratch: Scratch;
  #memory: Uint8Array;
  #view: DataView;
  /** Fuel that the host has used on the guest's behalf and not yet taken. */
  #spent = 0;

  private constructor(exports: QuickjsExports, scratch: Scratch) {
    this.#exports = exports;
    this.#scratch = scratch;
    this.#memory = new Uint8Array(exports.memory.buffer);
    this.#view = new DataView(exports.memory.buffer);
  }

  /** A guest with the limits set and nothing loaded. */
  static create(module: WebAssembly.Module, world: GuestWorld): Machine {
    const exports = instantiate(module, world);
    exports._initialize();
    assert(exports.qjs_init2(INTRINSICS) === 0, "the JavaScript engine starts");
    exports.qjs_set_memory_limit(GUEST_MEMORY_BYTES);
    exports.qjs_set_max_stack_size(GUEST_STACK_BYTES);
    exports.qjs_set_gc_threshold(GUEST_GC_THRESHOLD_BYTES);
    exports.qjs_set_interrupt_handler(1);
    const text = exports.wasm_malloc(SCRATCH_BYTES);
    const cells = exports.wasm_malloc(3 * CELL_BYTES);
    const argv = exports.wasm_malloc(ARGC_MAX * CELL_BYTES);
    return new Machine(exports, { text, cells, argv });
  }

  /** A guest that is another one's image. */
  static fromImage(module: WebAssembly.Module, world: GuestWorld, image: Image, scratch: Scratch): Machine {
    const exports = instantiate(module, world);
    loadImage(exports, image);
    return new Machine(exports, scratch);
  }

  get scratch(): Scratch {
    return this.#scratch;
  }

  get memoryBytes(): number {
    return this.#exports.memory.buffer.byteLength;
  }

  /** Gives the guest so much work to do, and native stack to do it on. */
  refuel(fuel: number): void {
    this.#spent = 0;
    this.#exports[FUEL_EXPORT].value = BigInt(fuel);
    this.#exports[STACK_EXPORT].value = BigInt(ENGINE_STACK_BYTES);
  }

  /** What is left of the fuel; negative when that ended the guest. */
  get fuelLeft(): number {
    return Number(this.#exports[FUEL_EXPORT].value) - this.#spent;
  }

  /**
   * Takes fuel for work that the host did for the guest, and ends the call when there is not so much. Small sums are
   * kept here until they are worth the way to the guest's counter; when they reach it depends on them alone.
   */
  spend(fuel: number): void {
    this.#spent += fuel;
    if (this.#spent < SPENT_MAX) return;
    const left = this.fuelLeft;
    this.#spent = 0;
    this.#exports[FUEL_EXPORT].value = BigInt(left);
    if (left < 0) throw new CallAbort("FUEL_LIMIT", "the call did more work than it may");
  }

  /** Looks at something of the guest's without charging it. */
  aside<T>(look: () => T): T {
    const fuel = this.#exports[FUEL_EXPORT];
    const { value } = fuel;
    fuel.value = BigInt(LOAD_FUEL);
    try {
      return look();
    } finally {
      fuel.value = value;
    }
  }

  /** What is left of the native stack; negative when that ended the guest. */
  get stackLeft(): number {
    return Number(this.#exports[STACK_EXPORT].value);
  }

  takeImage(): Image {
    this.#exports.qjs_run_gc();
    return takeImage(this.#exports, GUEST_HEADROOM_BYTES);
  }

  reset(image: Image): void {
    resetToImage(this.#exports, this.#refresh(), image);
  }

  /** Runs a script; the value of its last statement, or the exception. */
  evaluate(code: string, file: string): Pointer {
    const at = this.#allocate(code.length * 3 + 1);
    const length = this.#write(code, at);
    const name = this.#writeString(file);
    const value = this.#exports.qjs_eval(at, length, name.at, 0);
    this.#exports.wasm_free(at);
    return value;
  }

  call(callee: Pointer, ...args: Pointer[]): Pointer {
    assert(args.length <= ARGC_MAX, "a call of the guest has at most 8 arguments");
    this.#refresh();
    for (let i = 0; i < args.length; i++) this.#view.setUint32(this.#scratch.argv + 4 * i, args[i] as number, true);
    return this.#exports.qjs_call(callee, this.#exports.qjs_get_undefined(), args.length, this.#scratch.argv);
  }

  /** The function through which guest code calls the host. */
  newHostFunction(): Pointer {
    const { at, length } = this.#writeString("host");
    return this.#exports.qjs_new_host_function(at, length, 0);
  }

  /** The thrown value when `result` is an exception. */
  exceptionOf(result: Pointer): Pointer | undefined {
    if (result === 0) throw outOfMemory();
    return this.#exports.qjs_is_exception(result) ? this.#exports.qjs_get_exception() : undefined;
  }

  /** The address of argument `index` of a host call. */
  argument(argv: Pointer, index: number): Pointer {
    this.#refresh();
    return this.#view.getUint32(argv + 4 * index, true);
  }

  isUndefined(value: Pointer): boolean {
    return this.#exports.qjs_is_undefined(value) !== 0;
  }

  isError(value: Pointer): boolean {
    return this.#exports.qjs_is_error(value) !== 0;
  }

  isString(value: Pointer): boolean {
    return this.#exports.qjs_is_string(value) !== 0;
  }

  /** The number; NaN when the value is something else. */
  readNumber(value: Pointer): number {
    return this.#exports.qjs_is_number(value) ? this.#exports.qjs_get_float64(value) : Number.NaN;
  }

  /** A string's text, undefined when it takes more than `maxBytes` bytes. The value must be a string. */
  readString(value: Pointer, maxBytes: number): string | undefined {
    const { cells } = this.#scratch;
    const at = this.#exports.qjs_get_string_len(value, cells);
    if (at === 0) throw outOfMemory();
    const memory = this.#refresh();
    const length = this.#view.getUint32(cells, true);
    const text = length > maxBytes ? undefined : readWtf8(memory, at, length);
    this.#exports.qjs_free_cstring(at);
    return text;
  }

  /** Null, a boolean, a number or a string of at most `maxBytes`; undefined for anything else. */
  readPrimitive(value: Pointer, maxBytes: number): null | boolean | number | string | undefined {
    if (this.#exports.qjs_is_string(value)) return this.readString(value, maxBytes);
    if (this.#exports.qjs_is_number(value)) return this.#exports.qjs_get_float64(value);
    if (this.#exports.qjs_is_bool(value)) return this.#exports.qjs_get_bool(value) !== 0;
    return this.#exports.qjs_is_null(value) ? null : undefined;
  }

  /** A copy of a typed array's bytes; undefined for another value and above `maxBytes`. */
  readBytes(value: Pointer, maxBytes: number): Uint8Array | undefined {
    if (!this.#exports.qjs_is_object(value)) return undefined;
    const { cells } = this.#scratch;
    const buffer = this.#exports.qjs_get_typed_array_buffer(value, cells, cells + 4, cells + 8);
    if (this.exceptionOf(buffer) !== undefined) return undefined;
    this.#refresh();
    const offset = this.#view.getUint32(cells, true);
    const length = this.#view.getUint32(cells + 4, true);
    const at = this.#exports.qjs_get_array_buffer(buffer, cells);
    if (at === 0 || length > maxBytes) return undefined;
    return this.#refresh().slice(at + offset, at + offset + length);
  }

  /** A property's text; undefined when it is no string. May run a getter of the guest's. */
  readProperty(object: Pointer, name: string, maxBytes: number): string | undefined {
    const value = this.property(object, name);
    return value !== undefined && this.isString(value) ? this.readString(value, maxBytes) : undefined;
  }

  /** May run a getter of the guest's; undefined when that throws. */
  property(object: Pointer, name: string): Pointer | undefined {
    const value = this.#exports.qjs_get_prop_string(object, this.#writeString(name).at);
    return this.exceptionOf(value) === undefined ? value : undefined;
  }

  newString(text: string): Pointer {
    const { at, length } = this.#writeString(text);
    const value = this.#exports.qjs_new_string(at, length);
    if (at !== this.#scratch.text) this.#exports.wasm_free(at);
    return value;
  }

  newNumber(value: number): Pointer {
    return this.#exports.qjs_new_number(value);
  }

  /** A value that is not a plain object or array. */
  newLeaf(value: undefined | null | boolean | number | string | Uint8Array): Pointer {
    switch (typeof value) {
      case "string":
        return this.newString(value);
      case "number":
        return this.#exports.qjs_new_number(value);
      case "boolean":
        return value ? this.#exports.qjs_get_true() : this.#exports.qjs_get_false();
      case "undefined":
        return this.#exports.qjs_get_undefined();
      default:
        return value === null ? this.#exports.qjs_get_null() : this.#newBytes(value);
    }
  }

  #newBytes(bytes: Uint8Array): Pointer {
    const at = this.#allocate(bytes.length);
    this.#refresh().set(bytes, at);
    const value = this.#exports.qjs_new_uint8_array(at, bytes.length);
    this.#exports.wasm_free(at);
    return value;
  }

  /** Writes text into the scratch, until the next one is written, or into a block of its own when it is long. */
  #writeString(text: string): { at: Pointer; length: number } {
    const bytesMax = text.length * 3 + 1;
    const at = bytesMax <= SCRATCH_BYTES ? this.#scratch.text : this.#allocate(bytesMax);
    return { at, length: this.#write(text, at) };
  }

  /** Writes text and a zero byte, in at most three bytes for each unit and one; the length without the zero. */
  #write(text: string, at: Pointer): number {
    const memory = this.#refresh();
    const length = writeWtf8(text, memory.subarray(at, at + text.length * 3));
    memory[at + length] = 0;
    return length;
  }

  #allocate(bytes: number): Pointer {
    const at = this.#exports.wasm_malloc(Math.max(bytes, 1));
    if (at === 0) throw outOfMemory();
    return at;
  }

  /** The memory, looked up again when it has grown, since that detaches the old buffer. */
  #refresh(): Uint8Array {
    if (this.#memory.byteLength === 0) {
      this.#memory = new Uint8Array(this.#exports.memory.buffer);
      this.#view = new DataView(this.#exports.memory.buffer);
    }
    return this.#memory;
  }
}

function outOfMemory(): CallAbort {
  return new CallAbort("MEMORY_LIMIT", "the call needs more memory than it may have");
}

/** With what loading an application may take. */
function instantiate(module: WebAssembly.Module, world: GuestWorld): QuickjsExports {
  const exports: QuickjsExports = exportsOf(
    new WebAssembly.Instance(
      module,
      guestImports(world, () => exports.memory),
    ),
  );
  exports[FUEL_EXPORT].value = BigInt(LOAD_FUEL);
  exports[STACK_EXPORT].value = BigInt(ENGINE_STACK_BYTES);
  return exports;
}
