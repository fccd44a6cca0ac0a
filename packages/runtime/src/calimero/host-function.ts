/**
 * How a host function is declared, and how its arguments come out of a guest, in either form of the ABI:
 *
 * ```
 * descriptor (0.8.0-rc.9 and later)   a buffer is the address of   ptr u64 | len u64
 * flat (before)                       a buffer is two arguments    ptr, len
 * ```
 *
 * A function is written once. The import's signature tells which form a module was built for.
 */
import type { FunctionType, ValueType } from "../fuel/module.ts";
import type { GuestMemory, Slice } from "../wasm/guest-memory.ts";
import type { HostCall } from "./host-call.ts";

/** What a guest names by one argument. */
export interface ArgumentTypes {
  /** A register, a handle or a number. */
  number: bigint;
  flag: number;
  buffer: Slice;
  /** A buffer, or address 0. */
  optional: Slice | undefined;
  /** A pointer and a length, as two arguments in both forms. */
  raw: Slice;
  event: { readonly kind: Slice; readonly data: Slice };
  crossCall: { readonly context: Slice; readonly method: Slice; readonly params: Slice };
  returned: { readonly isError: boolean; readonly value: Slice };
  location: { readonly file: Slice; readonly line: number; readonly column: number };
}

export type ArgumentKind = keyof ArgumentTypes;

export type Arguments<K extends readonly ArgumentKind[]> = { readonly [I in keyof K]: ArgumentTypes[K[I]] };

/** What a host function gives back: nothing, a 32-bit or a 64-bit number. */
export type HostResult = number | bigint | boolean | undefined;

export interface HostFunction {
  readonly name: string;
  readonly args: readonly ArgumentKind[];
  readonly result: "i32" | "i64" | undefined;
  readonly run: (call: HostCall, args: readonly never[]) => HostResult;
}

/** Declares a host function that gives nothing; `run` takes the arguments by their kinds. */
export function act<const K extends readonly ArgumentKind[]>(
  name: string,
  args: K,
  run: (call: HostCall, ...args: Arguments<K>) => void,
): HostFunction {
  const spread = (call: HostCall, values: readonly never[]): undefined => {
    run(call, ...(values as unknown as Arguments<K>));
  };
  return { name, args, result: undefined, run: spread };
}

/** Declares a host function that gives a number. */
export function host<const K extends readonly ArgumentKind[]>(
  name: string,
  args: K,
  result: "i32" | "i64",
  run: (call: HostCall, ...args: Arguments<K>) => HostResult,
): HostFunction {
  const spread = (call: HostCall, values: readonly never[]): HostResult =>
    run(call, ...(values as unknown as Arguments<K>));
  return { name, args, result, run: spread };
}

export type AbiForm = "descriptor" | "flat";

type Source = { readonly memory: GuestMemory; readonly args: readonly (bigint | number)[]; at: number };

interface Kind {
  readonly descriptor: readonly ValueType[];
  readonly flat: readonly ValueType[];
  readonly read: (source: Source, form: AbiForm) => unknown;
}

const ADDRESS: readonly ValueType[] = ["i64"];
const PAIR: readonly ValueType[] = ["i64", "i64"];

const KINDS: { readonly [K in ArgumentKind]: Kind } = {
  number: { descriptor: ADDRESS, flat: ADDRESS, read: (source) => BigInt.asUintN(64, take(source)) },
  flag: { descriptor: ["i32"], flat: ["i32"], read: (source) => Number(source.args[source.at++]) },
  buffer: { descriptor: ADDRESS, flat: PAIR, read: readBuffer },
  optional: {
    descriptor: ADDRESS,
    flat: PAIR,
    read: (source, form) => {
      if (source.args[source.at] !== 0n) return readBuffer(source, form);
      source.at += KINDS.optional[form].length;
      return undefined;
    },
  },
  raw: { descriptor: PAIR, flat: PAIR, read: (source) => readBuffer(source, "flat") },
  event: {
    descriptor: ADDRESS,
    flat: [...PAIR, ...PAIR],
    read: (source, form) => {
      const [kind, data] = readBuffers(source, form, 2);
      return { kind, data };
    },
  },
  crossCall: {
    descriptor: ADDRESS,
    flat: [...PAIR, ...PAIR, ...PAIR],
    read: (source, form) => {
      const [context, method, params] = readBuffers(source, form, 3);
      return { context, method, params };
    },
  },
  returned: {
    descriptor: ADDRESS,
    flat: ["i64", "i64", "i64"],
    read: (source, form) => {
      if (form === "flat") return { isError: take(source) !== 0n, value: readBuffer(source, form) };
      const at = BigInt.asUintN(64, take(source));
      return { isError: source.memory.u64(at) !== 0n, value: source.memory.sliceAt(at + 8n) };
    },
  },
  location: {
    descriptor: ADDRESS,
    flat: ["i64", "i64", "i32", "i32"],
    read: (source, form) => {
      if (form === "flat") {
        const file = readBuffer(source, form);
        return { file, line: Number(source.args[source.at++]) >>> 0, column: Number(source.args[source.at++]) >>> 0 };
      }
      const at = BigInt.asUintN(64, take(source));
      const { memory } = source;
      return { file: memory.sliceAt(at), line: memory.u32(at + 16n), column: memory.u32(at + 20n) };
    },
  },
};

function take(source: Source): bigint {
  return source.args[source.at++] as bigint;
}

function readBuffer(source: Source, form: AbiForm): Slice {
  const first = take(source);
  return form === "flat" ? source.memory.slice(first, take(source)) : source.memory.sliceAt(first);
}

/** Buffers that follow each other in memory, or among the arguments. */
function readBuffers(source: Source, form: AbiForm, count: number): Slice[] {
  if (form === "flat") return Array.from({ length: count }, () => readBuffer(source, form));
  const at = BigInt.asUintN(64, take(source));
  return Array.from({ length: count }, (_, index) => source.memory.sliceAt(at + BigInt(16 * index)));
}

export function signatureOf({ args, result }: HostFunction, form: AbiForm): FunctionType {
  return { params: args.flatMap((kind) => KINDS[kind][form]), results: result === undefined ? [] : [result] };
}

/** The arguments of one call, checked against the guest's memory. */
export function readArguments(
  { args: kinds }: HostFunction,
  form: AbiForm,
  memory: GuestMemory,
  args: readonly (bigint | number)[],
): readonly never[] {
  const source: Source = { memory, args, at: 0 };
  return kinds.map((kind) => KINDS[kind].read(source, form)) as never[];
}
