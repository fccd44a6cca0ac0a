/**
 * The exports of `quickjs.wasm` (quickjs-wasi 3.6.2) that the binding uses. A pointer to a value is the address of an
 * 8-byte cell that the engine allocated; a function that makes one gives ownership to its caller.
 */
import { assert } from "@dunlin/core/base";
import { FUEL_EXPORT, STACK_EXPORT } from "../fuel/meter.ts";

type Pointer = number;

export interface QuickjsExports {
  readonly memory: WebAssembly.Memory;
  readonly __stack_pointer: WebAssembly.Global;
  readonly [FUEL_EXPORT]: WebAssembly.Global;
  readonly [STACK_EXPORT]: WebAssembly.Global;
  _initialize(): void;
  wasm_malloc(bytes: number): Pointer;
  wasm_free(at: Pointer): void;
  qjs_init2(intrinsics: number): number;
  qjs_set_memory_limit(bytes: number): void;
  qjs_set_max_stack_size(bytes: number): void;
  qjs_set_gc_threshold(bytes: number): void;
  qjs_set_interrupt_handler(enabled: number): void;
  qjs_run_gc(): void;
  qjs_get_runtime_ptr(): Pointer;
  qjs_get_context_ptr(): Pointer;
  qjs_set_runtime_and_context(runtime: Pointer, context: Pointer): void;
  qjs_eval(code: Pointer, length: number, file: Pointer, flags: number): Pointer;
  qjs_call(callee: Pointer, self: Pointer, argc: number, argv: Pointer): Pointer;
  qjs_new_host_function(name: Pointer, length: number, argc: number): Pointer;
  qjs_get_exception(): Pointer;
  qjs_get_undefined(): Pointer;
  qjs_get_null(): Pointer;
  qjs_get_true(): Pointer;
  qjs_get_false(): Pointer;
  qjs_new_number(value: number): Pointer;
  qjs_new_string(at: Pointer, length: number): Pointer;
  qjs_new_uint8_array(at: Pointer, length: number): Pointer;
  qjs_new_array(): Pointer;
  qjs_get_prop_string(object: Pointer, name: Pointer): Pointer;
  qjs_set_prop_uint32(array: Pointer, index: number, value: Pointer): number;
  qjs_get_float64(value: Pointer): number;
  qjs_get_bool(value: Pointer): number;
  qjs_get_string_len(value: Pointer, lengthOut: Pointer): Pointer;
  qjs_free_cstring(at: Pointer): void;
  qjs_free_value(value: Pointer): void;
  qjs_get_typed_array_buffer(value: Pointer, offsetOut: Pointer, lengthOut: Pointer, widthOut: Pointer): Pointer;
  qjs_get_array_buffer(value: Pointer, lengthOut: Pointer): Pointer;
  qjs_is_exception(value: Pointer): number;
  qjs_is_undefined(value: Pointer): number;
  qjs_is_null(value: Pointer): number;
  qjs_is_bool(value: Pointer): number;
  qjs_is_number(value: Pointer): number;
  qjs_is_string(value: Pointer): number;
  qjs_is_object(value: Pointer): number;
  qjs_is_error(value: Pointer): number;
}

const PROBES = ["_initialize", "wasm_malloc", "qjs_init2", "qjs_call", "qjs_get_typed_array_buffer"];

/** The exports of an instance; stops when it is of another module. */
export function exportsOf(instance: WebAssembly.Instance): QuickjsExports {
  for (const name of PROBES) assert(typeof instance.exports[name] === "function", () => `quickjs.wasm lacks ${name}`);
  for (const name of ["__stack_pointer", FUEL_EXPORT, STACK_EXPORT]) {
    assert(instance.exports[name] instanceof WebAssembly.Global, () => `quickjs.wasm hides ${name}`);
  }
  return instance.exports as unknown as QuickjsExports;
}
