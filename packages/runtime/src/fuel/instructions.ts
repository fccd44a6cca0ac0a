/**
 * The instructions that a module may use: WebAssembly 2.0 without vectors. For each, what follows its opcode and what
 * it does to the operand stack; of those that branch, call or move memory `body.ts` knows more.
 *
 * Not here, and so refused: vectors, threads, tail calls, exceptions, typed references, 64-bit and several memories.
 */

/** What follows an opcode. */
export type Immediate =
  | "none"
  | "index"
  | "number"
  | "bytes4"
  | "bytes8"
  | "memory-argument"
  | "block"
  | "branch"
  | "branch-table"
  | "call"
  | "call-indirect"
  | "types"
  | "prefix"
  | "two-indices";

export interface Instruction {
  readonly immediate: Immediate;
  readonly pops: number;
  readonly pushes: number;
}

export const OP = {
  unreachable: 0x00,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  brTable: 0x0e,
  return: 0x0f,
  call: 0x10,
  callIndirect: 0x11,
  select: 0x1b,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  globalGet: 0x23,
  globalSet: 0x24,
  tableSet: 0x26,
  i64Const: 0x42,
  f32Const: 0x43,
  f64Const: 0x44,
  i64LtS: 0x53,
  f32Eq: 0x5b,
  f64Eq: 0x61,
  i64Add: 0x7c,
  i64Sub: 0x7d,
  i64Or: 0x84,
  i64ShrU: 0x88,
  i64ExtendI32U: 0xad,
  prefix: 0xfc,
} as const;

/** Opcodes behind the prefix 0xfc. */
export const BULK = {
  memoryInit: 8,
  dataDrop: 9,
  memoryCopy: 10,
  memoryFill: 11,
  tableInit: 12,
  elemDrop: 13,
  tableCopy: 14,
  tableGrow: 15,
  tableFill: 17,
} as const;

const table: (Instruction | undefined)[] = new Array(256).fill(undefined);
const prefixed: (Instruction | undefined)[] = new Array(18).fill(undefined);

function define(from: number, to: number, pops: number, pushes: number, immediate: Immediate = "none"): void {
  for (let code = from; code <= to; code++) table[code] = { immediate, pops, pushes };
}

define(0x00, 0x01, 0, 0);
define(0x02, 0x04, 0, 0, "block");
define(0x05, 0x05, 0, 0);
define(0x0b, 0x0b, 0, 0);
define(0x0c, 0x0d, 0, 0, "branch");
define(0x0e, 0x0e, 1, 0, "branch-table");
define(0x0f, 0x0f, 0, 0);
define(0x10, 0x10, 0, 0, "call");
define(0x11, 0x11, 1, 0, "call-indirect");
define(0x1a, 0x1a, 1, 0);
define(0x1b, 0x1b, 3, 1);
define(0x1c, 0x1c, 3, 1, "types");
define(0x20, 0x20, 0, 1, "index");
define(0x21, 0x21, 1, 0, "index");
define(0x22, 0x22, 1, 1, "index");
define(0x23, 0x23, 0, 1, "index");
define(0x24, 0x24, 1, 0, "index");
define(0x25, 0x25, 1, 1, "index");
define(0x26, 0x26, 2, 0, "index");
define(0x28, 0x35, 1, 1, "memory-argument");
define(0x36, 0x3e, 2, 0, "memory-argument");
define(0x3f, 0x3f, 0, 1, "index");
define(0x40, 0x40, 1, 1, "index");
define(0x41, 0x42, 0, 1, "number");
define(0x43, 0x43, 0, 1, "bytes4");
define(0x44, 0x44, 0, 1, "bytes8");
define(0x45, 0x45, 1, 1);
define(0x46, 0x4f, 2, 1);
define(0x50, 0x50, 1, 1);
define(0x51, 0x66, 2, 1);
define(0x67, 0x69, 1, 1);
define(0x6a, 0x78, 2, 1);
define(0x79, 0x7b, 1, 1);
define(0x7c, 0x8a, 2, 1);
define(0x8b, 0x91, 1, 1);
define(0x92, 0x98, 2, 1);
define(0x99, 0x9f, 1, 1);
define(0xa0, 0xa6, 2, 1);
define(0xa7, 0xc4, 1, 1);
define(0xd0, 0xd0, 0, 1, "number");
define(0xd1, 0xd1, 1, 1);
define(0xd2, 0xd2, 0, 1, "index");
define(0xfc, 0xfc, 0, 0, "prefix");

for (let code = 0; code < 8; code++) prefixed[code] = { immediate: "none", pops: 1, pushes: 1 };
prefixed[BULK.memoryInit] = { immediate: "two-indices", pops: 3, pushes: 0 };
prefixed[BULK.dataDrop] = { immediate: "index", pops: 0, pushes: 0 };
prefixed[BULK.memoryCopy] = { immediate: "two-indices", pops: 3, pushes: 0 };
prefixed[BULK.memoryFill] = { immediate: "index", pops: 3, pushes: 0 };
prefixed[BULK.tableInit] = { immediate: "two-indices", pops: 3, pushes: 0 };
prefixed[BULK.elemDrop] = { immediate: "index", pops: 0, pushes: 0 };
prefixed[BULK.tableCopy] = { immediate: "two-indices", pops: 3, pushes: 0 };
prefixed[BULK.tableGrow] = { immediate: "index", pops: 2, pushes: 1 };
prefixed[16] = { immediate: "index", pops: 0, pushes: 1 };
prefixed[BULK.tableFill] = { immediate: "index", pops: 3, pushes: 0 };

export const INSTRUCTIONS: readonly (Instruction | undefined)[] = table;
export const PREFIXED: readonly (Instruction | undefined)[] = prefixed;
