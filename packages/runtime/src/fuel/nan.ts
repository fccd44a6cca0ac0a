/**
 * Which instructions give a NaN whose bits WebAssembly leaves to the machine, and the code that makes it the canonical
 * one: so a module computes the same bits everywhere. The canonical NaN is among those that the specification allows, and
 * instructions that only move bits (loads, stores, reinterpretations, signs) are left alone, so payloads that a program
 * keeps in NaNs by itself stay what they are.
 *
 * ```
 * local.tee $t   nan   local.get $t   local.get $t   eq   select
 * ```
 *
 * Where the very next instruction takes the value and does not look at the bits of a NaN, nothing is added: it compares,
 * converts to an integer, or gives such a result itself.
 */
import type { ByteReader } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";
import { OP } from "./instructions.ts";

export type FloatType = "f32" | "f64";

export const FLOAT_CODES: Readonly<Record<FloatType, number>> = { f32: 0x7d, f64: 0x7c };

const makers: (FloatType | undefined)[] = new Array(256).fill(undefined);
const unconcerned: boolean[] = new Array(256).fill(false);

/** ceil, floor, trunc, nearest, sqrt, add, sub, mul, div, min, max: signs and `copysign` stand around them. */
for (let code = 0x8d; code <= 0x97; code++) makers[code] = "f32";
for (let code = 0x9b; code <= 0xa5; code++) makers[code] = "f64";
const DEMOTE = 0xb6;
const PROMOTE = 0xbb;
makers[DEMOTE] = "f32";
makers[PROMOTE] = "f64";

const DROP = 0x1a;
const COMPARISONS = [0x5b, 0x66] as const;
const TRUNCATIONS = [0xa8, 0xa9, 0xaa, 0xab, 0xae, 0xaf, 0xb0, 0xb1] as const;
/** Those that saturate have codes below this, behind the prefix. */
const SATURATING_END = 8;

for (const [code, type] of makers.entries()) if (type) unconcerned[code] = true;
for (let code = COMPARISONS[0]; code <= COMPARISONS[1]; code++) unconcerned[code] = true;
for (const code of [DROP, ...TRUNCATIONS]) unconcerned[code] = true;

/** The type of a NaN that the instruction may leave, where its bits can be seen; `reader` stands behind it. */
export function nanLeftBy(opcode: number, { bytes, at, end }: ByteReader): FloatType | undefined {
  const type = makers[opcode];
  const next = at < end ? bytes[at] : undefined;
  if (type === undefined || next === undefined || unconcerned[next]) return undefined;
  const saturates = next === OP.prefix && at + 1 < end && (bytes[at + 1] ?? SATURATING_END) < SATURATING_END;
  return saturates ? undefined : type;
}

/** Replaces a NaN on top of the operands by the canonical one; `local` is a local of that type. */
export function writeCanonical(writer: ByteWriter, type: FloatType, local: number): void {
  writer.u8(OP.localTee).u32(local);
  if (type === "f32") writer.u8(OP.f32Const, 0, 0, 0xc0, 0x7f);
  else writer.u8(OP.f64Const, 0, 0, 0, 0, 0, 0, 0xf8, 0x7f);
  writer.u8(OP.localGet).u32(local).u8(OP.localGet).u32(local);
  writer.u8(type === "f32" ? OP.f32Eq : OP.f64Eq, OP.select);
}
