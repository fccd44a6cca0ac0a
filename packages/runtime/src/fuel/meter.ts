/**
 * Makes a module pay for what it runs. The pass runs once, at install; the same bytes give the same bytes.
 *
 * ```
 * (func $f (param ...) (result R)                   (func $f (param ...) (result R) (local $left i64)
 *   ...                                               fuel -= cost; stack -= frame
 *   (loop                                             if ((fuel | stack) < 0) unreachable
 *     ...                                             (block (result R)
 *   )                                                   ... (loop  fuel -= cost; if (fuel < 0) unreachable ... )
 *   (return)                                            (br $block)
 * )                                                   )
 *                                                     stack += frame)
 * ```
 *
 * Two globals are added, both i64: `dunlin:fuel`, and `dunlin:stack`, bytes of native stack. Whoever calls into an
 * instance sets both first; after a trap the negative one says which ran out. So both limits are reached at the same
 * instruction on every machine, long before the engine's own stack ends. A function that calls nothing and has a small
 * frame leaves `stack` alone. An instruction that moves a block of memory pays by its length.
 *
 * Every global that can be set is exported, as `dunlin:global:N`, so that an instance can be put back to its start.
 * Memory and tables are bounded. Function indices stay as they are; custom sections but the names go. A start
 * function is exported as `dunlin:start` instead, since it must be paid for too.
 */
import { err, must, ok, type Result } from "@dunlin/core/base";
import { type BodyScan, scanBody } from "./body.ts";
import { ByteReader } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";
import { type Counters, writeMetered } from "./charges.ts";
import type { ModuleErrorCode } from "./errors.ts";
import { OP } from "./instructions.ts";
import { MEMORY_PAGES_MAX, MODULE_BYTES_MAX, TABLE_ELEMENTS_MAX } from "./limits.ts";
import {
  type FunctionImport,
  type FunctionType,
  type Limits,
  type ParsedModule,
  parseModule,
  readValueType,
  SECTION,
  SECTION_ORDER,
  unsupported,
  VALUE_TYPE_CODES,
} from "./module.ts";

export const FUEL_EXPORT = "dunlin:fuel";
export const STACK_EXPORT = "dunlin:stack";
/** What was the start function: whoever makes an instance sets the counters, and calls it first. */
export const START_EXPORT = "dunlin:start";
const OWN_EXPORTS = "dunlin:";

export interface MeterOptions {
  /** Memory that the module may grow to. */
  readonly memoryPagesMax?: number;
  readonly moduleBytesMax?: number;
  /**
   * What a region costs: its longest path, by default, or 1. An interpreter's loop holds the code of every instruction
   * that it knows, of which it runs one a turn: by its longest path a turn would cost a hundred times what it does.
   */
  readonly charge?: "path" | "visit";
}

export interface MeteredModule {
  readonly bytes: Uint8Array;
  readonly imports: readonly FunctionImport[];
  /** The functions that it exports, by name. */
  readonly functions: ReadonlyMap<string, FunctionType>;
  readonly memories: readonly string[];
  /** The exports that hold what can be set, `dunlin:fuel` and `dunlin:stack` not among them. */
  readonly mutableGlobals: readonly string[];
  readonly hasStart: boolean;
  /** False when a call can change what no reset of memory and globals takes back: each needs a fresh instance. */
  readonly isReusable: boolean;
}

export function meterModule(bytes: Uint8Array, options: MeterOptions = {}): Result<MeteredModule> {
  const bytesMax = options.moduleBytesMax ?? MODULE_BYTES_MAX;
  if (bytes.length > bytesMax) return tooLarge(`${bytes.length} bytes of at most ${bytesMax}`);
  if (!WebAssembly.validate(bytes)) {
    return err<ModuleErrorCode>("MODULE_MALFORMED", "this is no WebAssembly module, or one that does not validate");
  }
  const parsed = parseModule(bytes);
  if (!parsed.ok) return parsed;
  const module = parsed.value;
  if ([...module.exports.keys()].some((name) => name.startsWith(OWN_EXPORTS))) {
    return unsupported(`an export whose name starts with ${OWN_EXPORTS}`);
  }
  const pagesMax = options.memoryPagesMax ?? MEMORY_PAGES_MAX;
  if ((module.memory?.min ?? 0) > pagesMax) return tooLarge(`a memory above ${pagesMax} pages`);
  if (module.tables.some(({ limits }) => limits.min > TABLE_ELEMENTS_MAX)) {
    return tooLarge(`a table of more than ${TABLE_ELEMENTS_MAX} elements`);
  }
  return new Rewriter(module, pagesMax, options.charge).run();
}

function tooLarge(what: string): Result<never> {
  return err<ModuleErrorCode>("MODULE_TOO_LARGE", `the module has ${what}`);
}

class Rewriter {
  readonly #module: ParsedModule;
  readonly #pagesMax: number;
  readonly #counters: Counters;
  /** Types that were added: of a block around a function with several results, by those results. */
  readonly #blockTypes = new Map<string, number>();
  readonly #addedTypes = new ByteWriter();
  readonly #charge: MeterOptions["charge"];
  #isReusable = true;

  constructor(module: ParsedModule, pagesMax: number, charge: MeterOptions["charge"]) {
    this.#module = module;
    this.#charge = charge;
    this.#pagesMax = pagesMax;
    this.#counters = { fuel: module.globals.length, stack: module.globals.length + 1 };
  }

  run(): Result<MeteredModule> {
    const code = this.#code();
    if (!code.ok) return code;
    const mutable = this.#module.globals.flatMap((isMutable, index) => (isMutable ? [index] : []));
    const changed = new Map<number, Uint8Array>([
      [SECTION.type, this.#types()],
      [SECTION.table, this.#tables()],
      [SECTION.memory, this.#memory()],
      [SECTION.global, this.#globals()],
      [SECTION.export, this.#exports(mutable)],
      [SECTION.start, new Uint8Array(1)],
      [SECTION.code, code.value],
    ]);
    const writer = new ByteWriter().u8(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
    for (const id of SECTION_ORDER) {
      const section = changed.get(id) ?? this.#module.sections.get(id);
      const isEmpty = changed.has(id) && section?.length === 1;
      if (section !== undefined && !isEmpty) writer.u8(id).sized(section);
    }
    if (this.#module.names) writer.u8(SECTION.custom).sized(this.#module.names);
    const bytes = writer.toBytes();
    if (!WebAssembly.validate(bytes)) return tooLarge("functions that are too large to be metered");
    return ok({ bytes, ...this.#describe(mutable) });
  }

  #describe(mutable: readonly number[]): Omit<MeteredModule, "bytes"> {
    const functions = new Map<string, FunctionType>();
    const memories: string[] = [];
    for (const [name, { kind, index }] of this.#module.exports) {
      if (kind === "function") functions.set(name, must(this.#module.functions[index], "an export is a function's"));
      if (kind === "memory") memories.push(name);
    }
    const { imports, start } = this.#module;
    const [mutableGlobals, hasStart] = [mutable.map(globalExport), start !== undefined];
    return { imports, functions, memories, mutableGlobals, hasStart, isReusable: this.#isReusable };
  }

  #types(): Uint8Array {
    const { types, sections } = this.#module;
    return extended(sections.get(SECTION.type), types.length, this.#blockTypes.size, this.#addedTypes.view());
  }

  #tables(): Uint8Array {
    const writer = new ByteWriter().u32(this.#module.tables.length);
    for (const { type, limits } of this.#module.tables) writeLimits(writer.u8(type), limits, TABLE_ELEMENTS_MAX);
    return writer.toBytes();
  }

  #memory(): Uint8Array {
    const { memory } = this.#module;
    return memory ? writeLimits(new ByteWriter().u8(1), memory, this.#pagesMax).toBytes() : new Uint8Array(1);
  }

  #globals(): Uint8Array {
    const zero = [0x7e, 1, OP.i64Const, 0, OP.end];
    const added = new ByteWriter().u8(...zero, ...zero).toBytes();
    return extended(this.#module.sections.get(SECTION.global), this.#counters.fuel, 2, added);
  }

  #exports(mutable: readonly number[]): Uint8Array {
    const own: [string, number][] = [
      [FUEL_EXPORT, this.#counters.fuel],
      [STACK_EXPORT, this.#counters.stack],
    ];
    const added = new ByteWriter();
    for (const [name, index] of [...own, ...mutable.map((at): [string, number] => [globalExport(at), at])]) {
      added.sized(new TextEncoder().encode(name)).u8(3).u32(index);
    }
    const { exports, sections, start } = this.#module;
    if (start !== undefined) added.sized(new TextEncoder().encode(START_EXPORT)).u8(0).u32(start);
    const count = own.length + mutable.length + (start === undefined ? 0 : 1);
    return extended(sections.get(SECTION.export), exports.size, count, added.view());
  }

  #code(): Result<Uint8Array> {
    const { imports, functions, sections } = this.#module;
    const reader = new ByteReader(sections.get(SECTION.code) ?? new Uint8Array(1));
    const count = reader.count();
    const writer = new ByteWriter().u32(count);
    for (let i = 0; i < count; i++) {
      const size = reader.u32();
      const body = new ByteReader(reader.bytes, reader.at, reader.at + size);
      const type = must(functions[imports.length + i], "a valid module has a type for each body");
      const metered = this.#function(body, type);
      if (!metered) return unsupported("an instruction that applications may not use");
      writer.sized(metered);
      reader.skip(size);
    }
    return reader.failed ? unsupported("code that cannot be read") : ok(writer.toBytes());
  }

  #function(reader: ByteReader, type: FunctionType): Uint8Array | undefined {
    const groups = reader.count();
    const declaredFrom = reader.at;
    let locals = type.params.length;
    for (let i = 0; i < groups; i++) {
      locals += reader.u32();
      if (readValueType(reader) === undefined) return undefined;
    }
    const declared = reader.bytes.subarray(declaredFrom, reader.at);
    const from = reader.at;
    const scan = scanBody(reader, this.#module, type);
    if (!scan) return undefined;
    if (scan.keepsState) this.#isReusable = false;
    if (this.#charge === "visit") chargeByVisit(scan);
    const code = reader.bytes.subarray(from, reader.end);
    const blockType = (): Uint8Array => this.#blockType(type);
    return writeMetered({ scan, code, from, declared, groups, locals, blockType }, this.#counters);
  }

  #blockType({ results }: FunctionType): Uint8Array {
    if (results.length === 0) return Uint8Array.of(0x40);
    const encoded = new ByteWriter().u32(results.length);
    for (const result of results) encoded.u8(VALUE_TYPE_CODES[result]);
    if (results.length === 1) return encoded.view().slice(1);
    const key = results.join();
    let index = this.#blockTypes.get(key);
    if (index === undefined) {
      index = this.#module.types.length + this.#blockTypes.size;
      this.#blockTypes.set(key, index);
      this.#addedTypes.u8(0x60, 0).raw(encoded.view());
    }
    return new ByteWriter().signed(index).toBytes();
  }
}

function globalExport(index: number): string {
  return `${OWN_EXPORTS}global:${index}`;
}

/** A section's items with more behind them. */
function extended(section: Uint8Array | undefined, count: number, added: number, items: Uint8Array): Uint8Array {
  const reader = new ByteReader(section ?? new Uint8Array(1));
  reader.u32();
  return new ByteWriter()
    .u32(count + added)
    .raw(reader.bytes.subarray(reader.at))
    .raw(items)
    .toBytes();
}

function writeLimits(writer: ByteWriter, { min, max }: Limits, most: number): ByteWriter {
  return writer
    .u8(1)
    .u32(min)
    .u32(Math.min(max ?? most, most));
}

function chargeByVisit({ entry, edits }: BodyScan): void {
  entry.cost = 1;
  for (const edit of edits) if (edit.kind === "charge") edit.region.cost = 1;
}
