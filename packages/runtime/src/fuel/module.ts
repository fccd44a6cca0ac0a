/**
 * A module's sections, and what of them the pass and the engines must know. The bytes are valid WebAssembly: the
 * caller has had them validated. What is refused here is valid and not supported.
 */
import { err, ok, type Result } from "@dunlin/core/base";
import { ByteReader } from "./byte-reader.ts";
import type { ModuleErrorCode } from "./errors.ts";
import { GLOBALS_MAX, TABLES_MAX } from "./limits.ts";

export const SECTION = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  element: 9,
  code: 10,
  data: 11,
  dataCount: 12,
} as const;

/** The order in which sections stand. */
export const SECTION_ORDER: readonly number[] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 10, 11];

/** The codes of the types that values may have. */
export const VALUE_TYPE_CODES = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, funcref: 0x70, externref: 0x6f } as const;
export const VALUE_TYPE_NAMES: ReadonlyMap<number, ValueType> = new Map(
  Object.entries(VALUE_TYPE_CODES).map(([name, code]) => [code, name as ValueType]),
);

export type ValueType = keyof typeof VALUE_TYPE_CODES;

export interface FunctionType {
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
}

export interface FunctionImport {
  readonly module: string;
  readonly name: string;
  readonly type: FunctionType;
}

export interface Limits {
  readonly min: number;
  readonly max: number | undefined;
}

export interface ParsedModule {
  readonly sections: ReadonlyMap<number, Uint8Array>;
  /** The function that runs when an instance is made. */
  readonly start: number | undefined;
  /** The custom section that names functions, for the stacks of errors. */
  readonly names: Uint8Array | undefined;
  readonly types: readonly FunctionType[];
  readonly imports: readonly FunctionImport[];
  /** The type of each function: the imported ones first. */
  readonly functions: readonly FunctionType[];
  readonly tables: readonly { readonly type: number; readonly limits: Limits }[];
  readonly memory: Limits | undefined;
  /** Of each global, whether it can be set. */
  readonly globals: readonly boolean[];
  readonly exports: ReadonlyMap<
    string,
    { readonly kind: "function" | "table" | "memory" | "global"; readonly index: number }
  >;
}

const HEADER_BYTES = 8;
const EXPORT_KINDS = ["function", "table", "memory", "global"] as const;
const text = new TextDecoder();

/** Refuses what is not supported; `bytes` must be valid. */
export function parseModule(bytes: Uint8Array): Result<ParsedModule> {
  const sections = new Map<number, Uint8Array>();
  let names: Uint8Array | undefined;
  const reader = new ByteReader(bytes, HEADER_BYTES);
  while (reader.more) {
    const id = reader.u8();
    const body = reader.raw(reader.u32());
    if (id === SECTION.custom) {
      if (isNameSection(body)) names ??= body;
    } else if (!SECTION_ORDER.includes(id)) return unsupported(`section ${id}: exceptions are not supported`);
    else sections.set(id, body);
  }
  if (reader.failed) return unsupported("sections that do not end where the module does");
  return parseSections(sections, names);
}

function parseSections(sections: ReadonlyMap<number, Uint8Array>, names: Uint8Array | undefined): Result<ParsedModule> {
  const section = (id: number): ByteReader => new ByteReader(sections.get(id) ?? new Uint8Array(1));
  const types = readTypes(section(SECTION.type));
  if (!types) return unsupported("a type that is no plain function type");
  const imports = readImports(section(SECTION.import), types);
  if (!imports.ok) return imports;
  const defined = readVector(section(SECTION.function), (reader) => types[reader.u32()]);
  const tables = readVector(section(SECTION.table), readTable);
  const memories = readVector(section(SECTION.memory), readLimits);
  const globals = readVector(section(SECTION.global), readGlobal);
  const exports = readVector(section(SECTION.export), readExport);
  if (!defined || !globals || !exports) return unsupported("a global with a computed value, or an export of a tag");
  if (!tables || tables.length > TABLES_MAX) return unsupported(`a typed table, or more than ${TABLES_MAX} tables`);
  if (!memories || memories.length > 1) return unsupported("a shared or 64-bit memory, or several");
  if (globals.length > GLOBALS_MAX) return unsupported(`more than ${GLOBALS_MAX} globals`);
  return ok({
    sections,
    start: sections.has(SECTION.start) ? section(SECTION.start).u32() : undefined,
    names,
    types,
    imports: imports.value,
    functions: [...imports.value.map(({ type }) => type), ...defined],
    tables,
    memory: memories[0],
    globals,
    exports: new Map(exports),
  });
}

export function unsupported(what: string): Result<never> {
  return err<ModuleErrorCode>("MODULE_UNSUPPORTED", `the module has ${what}`);
}

/** The items of a section; undefined when one of them is. */
function readVector<T>(reader: ByteReader, read: (reader: ByteReader) => T | undefined): T[] | undefined {
  const items: T[] = [];
  for (let rest = reader.count(); rest > 0; rest--) {
    const item = read(reader);
    if (item === undefined || reader.failed) return undefined;
    items.push(item);
  }
  return reader.failed ? undefined : items;
}

function readTypes(reader: ByteReader): FunctionType[] | undefined {
  return readVector(reader, () => {
    if (reader.u8() !== 0x60) return undefined;
    const params = readVector(reader, readValueType);
    const results = params && readVector(reader, readValueType);
    return results && { params: params as ValueType[], results };
  });
}

export function readValueType(reader: ByteReader): ValueType | undefined {
  return VALUE_TYPE_NAMES.get(reader.u8());
}

function readImports(reader: ByteReader, types: readonly FunctionType[]): Result<FunctionImport[]> {
  const imports: FunctionImport[] = [];
  for (let rest = reader.count(); rest > 0; rest--) {
    const module = readName(reader);
    const name = readName(reader);
    if (reader.u8() !== 0) return unsupported(`the import ${shown(module)}.${shown(name)}, which is no function`);
    const type = types[reader.u32()];
    if (type === undefined || reader.failed) return unsupported("an import of a function of unknown type");
    imports.push({ module, name, type });
  }
  return reader.failed ? unsupported("imports that cannot be read") : ok(imports);
}

/** A foreign name, fit for a message. */
export function shown(name: string): string {
  return JSON.stringify(name.slice(0, 100)).slice(1, -1);
}

function readName(reader: ByteReader): string {
  return text.decode(reader.raw(reader.u32()));
}

function readLimits(reader: ByteReader): Limits | undefined {
  const flags = reader.u8();
  if (flags > 1) return undefined;
  const min = reader.u32();
  return { min, max: flags === 1 ? reader.u32() : undefined };
}

function readTable(reader: ByteReader): { type: number; limits: Limits } | undefined {
  const type = reader.u8();
  const limits = type === 0x70 || type === 0x6f ? readLimits(reader) : undefined;
  return limits && { type, limits };
}

/** A plain constant, the value of another global or the address of a function. */
function readGlobal(reader: ByteReader): boolean | undefined {
  if (!readValueType(reader)) return undefined;
  const isMutable = reader.u8() === 1;
  const opcode = reader.u8();
  if (opcode === 0x43) reader.skip(4);
  else if (opcode === 0x44) reader.skip(8);
  else if ([0x41, 0x42, 0x23, 0xd0, 0xd2].includes(opcode)) reader.skipLeb();
  else return undefined;
  return reader.u8() === 0x0b ? isMutable : undefined;
}

function readExport(reader: ByteReader): [string, { kind: (typeof EXPORT_KINDS)[number]; index: number }] | undefined {
  const name = readName(reader);
  const kind = EXPORT_KINDS[reader.u8()];
  const index = reader.u32();
  return kind && [name, { kind, index }];
}

function isNameSection(body: Uint8Array): boolean {
  const reader = new ByteReader(body);
  return readName(reader) === "name";
}
