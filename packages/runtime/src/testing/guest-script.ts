/**
 * Guests made of calls of host functions, for tests: `call` for each, in order, with data that lies in the guest's memory;
 * what the calls give and what lies in registers comes out as the method's returned bytes.
 */
import { must, utf8 } from "@dunlin/core/base";
import { createCrypto } from "@dunlin/core/crypto";
import { createGuestEngine, type GuestEngine } from "../calimero/guest-engine.ts";
import { type AbiForm, signatureOf } from "../calimero/host-function.ts";
import { HOST_FUNCTIONS } from "../calimero/imports.ts";
import { wat } from "./wat.ts";

const PAGES = 80;
const OUTPUT_AT = 64;
const DATA_AT = 65_536;

/** An address in the guest's memory, of a descriptor of bytes. */
export type Address = bigint;

export class GuestScript {
  readonly #form: AbiForm;
  readonly #code: string[] = [];
  readonly #data: string[] = [];
  readonly #outputs: ("i32" | "i64" | number)[] = [];
  readonly #before: string;
  #free = DATA_AT;
  #out = OUTPUT_AT;

  /** `before`: text of the method ahead of the calls; declarations of locals too. */
  constructor(form: AbiForm = "descriptor", before = "") {
    this.#form = form;
    this.#before = before;
  }

  /** Bytes in memory, as the address of `ptr u64 | len u64`; in the flat form as the two. */
  buffer(bytes: Uint8Array | string): Address[] {
    const content = typeof bytes === "string" ? utf8(bytes) : bytes;
    const at = this.place(content);
    return this.#form === "flat" ? [BigInt(at), BigInt(content.length)] : [BigInt(this.words(at, content.length))];
  }

  /** Room for so many bytes, and where it is. */
  room(length: number): { at: number; buffer: Address[] } {
    const at = this.place(new Uint8Array(length));
    return { at, buffer: this.#form === "flat" ? [BigInt(at), BigInt(length)] : [BigInt(this.words(at, length))] };
  }

  /** 64-bit words in memory: their address. */
  words(...words: readonly (number | bigint)[]): number {
    const bytes = new Uint8Array(8 * words.length);
    const view = new DataView(bytes.buffer);
    for (const [index, word] of words.entries()) view.setBigUint64(8 * index, BigInt.asUintN(64, BigInt(word)), true);
    return this.place(bytes);
  }

  /** Descriptors that follow each other, as events and cross-calls are told. */
  buffers(...contents: readonly (Uint8Array | string)[]): Address[] {
    const slices = contents.map((content) => (typeof content === "string" ? utf8(content) : content));
    const words = slices.flatMap((content) => [BigInt(this.place(content)), BigInt(content.length)]);
    return this.#form === "flat" ? words : [BigInt(this.words(...words))];
  }

  /** Calls a host function; what it gives is part of the output. */
  call(name: string, ...args: readonly (Address | Address[] | number)[]): this {
    const declared = must(
      HOST_FUNCTIONS.find((one) => one.name === name),
      name,
    );
    const { params } = signatureOf(declared, this.#form);
    const flat = args.flat();
    const pushed = params.map((type, index) => `(${type}.const ${flat[index] ?? 0})`).join(" ");
    const called = `(call $${name} ${pushed})`;
    const { result } = declared;
    if (result === undefined) this.#code.push(called);
    else {
      this.#code.push(`(${result}.store (i32.const ${this.#out}) ${called})`);
      this.#outputs.push(result);
      this.#out += 8;
    }
    return this;
  }

  /** Puts so many bytes of a register into the output. */
  read(register: number, length: number): this {
    const buffer =
      this.#form === "flat" ? [BigInt(this.#out), BigInt(length)] : [BigInt(this.words(this.#out, length))];
    this.#code.push(`(drop (call $read_register (i64.const ${register}) ${constants(buffer)}))`);
    return this.#took(length);
  }

  /** Puts bytes of the memory into the output. */
  take(at: number, length: number): this {
    this.#code.push(`(memory.copy (i32.const ${this.#out}) (i32.const ${at}) (i32.const ${length}))`);
    return this.#took(length);
  }

  code(text: string): this {
    this.#code.push(text);
    return this;
  }

  text(more = ""): string {
    const imports = HOST_FUNCTIONS.map((declared) => {
      const { params, results } = signatureOf(declared, this.#form);
      const result = results.length > 0 ? `(result ${results[0]})` : "";
      return `(import "env" "${declared.name}" (func $${declared.name} (param ${params.join(" ")}) ${result}))`;
    });
    const give =
      this.#form === "flat"
        ? [0n, BigInt(OUTPUT_AT), BigInt(this.#out - OUTPUT_AT)]
        : [BigInt(this.words(0, OUTPUT_AT, this.#out - OUTPUT_AT))];
    const returned = this.#outputs.length > 0 ? `(call $value_return ${constants(give)})` : "";
    return `(module ${imports.join("\n")} (memory (export "memory") ${PAGES})
      ${this.#data.join("\n")} ${more}
      (func (export "run") ${this.#before} ${this.#code.join("\n")} ${returned}))`;
  }

  /** The engine, and what reads the output of a call. */
  build(more = ""): {
    readonly engine: GuestEngine;
    readonly outputs: (returned: Uint8Array) => (bigint | Uint8Array)[];
  } {
    const engine = createGuestEngine(wat(this.text(more)), createCrypto());
    if (!engine.ok) throw new Error(`${engine.error.code}: ${engine.error.message}`);
    return { engine: engine.value, outputs: (returned) => this.#read(returned) };
  }

  #read(returned: Uint8Array): (bigint | Uint8Array)[] {
    const view = new DataView(returned.buffer, returned.byteOffset, returned.byteLength);
    let at = 0;
    return this.#outputs.map((kind) => {
      const from = at;
      at += typeof kind === "number" ? Math.ceil(kind / 8) * 8 : 8;
      if (typeof kind === "number") return returned.slice(from, from + kind);
      return kind === "i32" ? BigInt(view.getInt32(from, true)) : view.getBigUint64(from, true);
    });
  }

  #took(length: number): this {
    this.#outputs.push(length);
    this.#out += Math.ceil(length / 8) * 8;
    return this;
  }

  /** Puts bytes into memory: their address. */
  place(bytes: Uint8Array): number {
    const at = this.#free;
    this.#free += Math.ceil((bytes.length + 1) / 8) * 8;
    const isBlank = bytes.every((byte) => byte === 0);
    const escaped = Array.from(bytes, (byte) => `\\${byte.toString(16).padStart(2, "0")}`).join("");
    if (!isBlank) this.#data.push(`(data (i32.const ${at}) "${escaped}")`);
    return at;
  }
}

function constants(values: readonly bigint[]): string {
  return values.map((value) => `(i64.const ${value})`).join(" ");
}
