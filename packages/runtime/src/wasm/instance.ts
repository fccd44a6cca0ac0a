/**
 * Instances of a metered module. One is used for call after call: before each, its memory and its globals are put back
 * to what they were after instantiation, so no call sees what another left. Where that cannot take everything back
 * (a grown memory, changed tables), the next call gets a fresh instance.
 *
 * The memory is copied back up to its last byte that is not zero, and cleared from there to its end: nothing tells which
 * part of it a call has touched.
 */
import { assert } from "@dunlin/core/base";
import { FUEL_EXPORT, type MeteredModule, STACK_EXPORT } from "../fuel/meter.ts";

export interface Image {
  /** The memory up to its last byte that is not zero. */
  readonly start: Uint8Array;
  readonly memoryBytes: number;
  readonly globals: readonly unknown[];
}

export type ImportFunctions = Readonly<Record<string, WebAssembly.ImportFunction>>;

export class GuestInstance {
  readonly exports: Readonly<Record<string, unknown>>;
  readonly memory: WebAssembly.Memory;
  readonly #fuel: WebAssembly.Global;
  readonly #stack: WebAssembly.Global;
  readonly #globals: readonly WebAssembly.Global[];
  #bytes: Uint8Array;

  constructor(module: WebAssembly.Module, metered: MeteredModule, imports: ImportFunctions) {
    const { exports } = new WebAssembly.Instance(module, { env: imports });
    this.exports = exports;
    const memory = exports["memory"];
    assert(memory instanceof WebAssembly.Memory, "a guest's memory was looked for when it was loaded");
    this.memory = memory;
    this.#fuel = exports[FUEL_EXPORT] as WebAssembly.Global;
    this.#stack = exports[STACK_EXPORT] as WebAssembly.Global;
    this.#globals = metered.mutableGlobals.map((name) => exports[name] as WebAssembly.Global);
    this.#bytes = new Uint8Array(memory.buffer);
  }

  /** Calls an export of no parameters and no results; throws what ends it. */
  run(name: string, fuel: bigint, stackBytes: number): void {
    this.#fuel.value = fuel;
    this.#stack.value = BigInt(stackBytes);
    (this.exports[name] as () => void)();
  }

  get fuelLeft(): bigint {
    return this.#fuel.value as bigint;
  }

  get stackLeft(): bigint {
    return this.#stack.value as bigint;
  }

  takeImage(): Image {
    const bytes = new Uint8Array(this.memory.buffer);
    let end = bytes.length;
    while (end > 0 && bytes[end - 1] === 0) end--;
    return { start: bytes.slice(0, end), memoryBytes: bytes.length, globals: this.#globals.map(({ value }) => value) };
  }

  /**
   * False when only a fresh instance is at the start: the memory has grown, or a global holds a NaN there, whose bits do
   * not come through JavaScript.
   */
  reset(image: Image): boolean {
    if (image.globals.some(Number.isNaN)) return false;
    if (this.memory.buffer.byteLength !== image.memoryBytes) return false;
    if (this.#bytes.byteLength === 0) this.#bytes = new Uint8Array(this.memory.buffer);
    this.#bytes.set(image.start);
    this.#bytes.fill(0, image.start.length);
    for (let i = 0; i < this.#globals.length; i++) (this.#globals[i] as WebAssembly.Global).value = image.globals[i];
    return true;
  }
}
