/**
 * Writes one function's code with its charges, and with canonical NaNs (`nan.ts`).
 *
 * Where a function has loops and calls nothing, what is left of the fuel stays in a local from its entry to its end,
 * since a global in memory would cost more than a short loop's body; a trap of the code's own then forgets what the
 * function had spent, alike everywhere. Else each charge goes to the global.
 */
import type { BodyScan, Edit } from "./body.ts";
import { ByteWriter } from "./byte-writer.ts";
import { OP } from "./instructions.ts";
import { BULK_SHIFT, FRAME_BASE_BYTES, LEAF_FRAME_BYTES_MAX } from "./limits.ts";
import { FLOAT_CODES, type FloatType, writeCanonical } from "./nan.ts";

/** The globals of the two counters. */
export interface Counters {
  readonly fuel: number;
  readonly stack: number;
}

export interface Body {
  readonly scan: BodyScan;
  /** The instructions, and where in the section they start. */
  readonly code: Uint8Array;
  readonly from: number;
  /** Declarations of locals, and their number. */
  readonly declared: Uint8Array;
  readonly groups: number;
  /** Parameters and locals. */
  readonly locals: number;
  /** What a block around the whole body gives. */
  readonly blockType: () => Uint8Array;
}

const OPERAND_BYTES = 8;
const I64 = 0x7e;
const I32 = 0x7f;
const NO_RESULT = 0x40;
const NO_LOCAL = -1;

export function writeMetered(body: Body, counters: Counters): Uint8Array {
  return new BodyWriter(body, counters).run();
}

class BodyWriter {
  readonly #body: Body;
  readonly #counters: Counters;
  readonly #writer = new ByteWriter();
  /** Locals that are added: the fuel left, the length of a block of memory, and numbers that may be none. */
  readonly #added: number[] = [];
  readonly #left: number;
  readonly #length: number;
  readonly #floats: Readonly<Record<FloatType, number>>;
  readonly #keepsLeft: boolean;
  readonly #frame: number;

  constructor(body: Body, counters: Counters) {
    const { scan, locals } = body;
    const frame = FRAME_BASE_BYTES + OPERAND_BYTES * (locals + scan.operandsMax);
    this.#body = body;
    this.#counters = counters;
    this.#left = this.#add(I64);
    const has = (kind: Edit["kind"]): boolean => scan.edits.some((edit) => edit.kind === kind);
    this.#length = has("bulk") ? this.#add(I32) : NO_LOCAL;
    const add = (type: FloatType): number =>
      scan.edits.some((edit) => edit.kind === "nan" && edit.type === type) ? this.#add(FLOAT_CODES[type]) : NO_LOCAL;
    this.#floats = { f32: add("f32"), f64: add("f64") };
    this.#keepsLeft = !scan.calls && has("charge");
    this.#frame = scan.calls || frame > LEAF_FRAME_BYTES_MAX ? frame : 0;
  }

  run(): Uint8Array {
    const { declared, groups, scan, locals } = this.#body;
    this.#writer.u32(groups + this.#added.length).raw(declared);
    for (const type of this.#added) this.#writer.u8(1, type);
    this.#enter(scan.entry.cost + (locals >> 2));
    const isWrapped = this.#frame > 0 || this.#keepsLeft;
    if (isWrapped) this.#writer.u8(OP.block).raw(this.#body.blockType());
    this.#copy(isWrapped);
    if (isWrapped) this.#leave();
    return this.#writer.toBytes();
  }

  #copy(isWrapped: boolean): void {
    const { code, from, scan } = this.#body;
    let at = 0;
    for (const edit of scan.edits) {
      if (edit.kind === "return" && !isWrapped) continue;
      this.#writer.raw(code.subarray(at, edit.at - from));
      at = edit.at - from;
      this.#edit(edit);
      if (edit.kind === "return") at++;
    }
    this.#writer.raw(code.subarray(at));
  }

  #edit(edit: Edit): void {
    if (edit.kind === "charge") this.#charge(edit.region.cost);
    else if (edit.kind === "return") this.#writer.u8(OP.br).u32(edit.depth);
    else if (edit.kind === "nan") writeCanonical(this.#writer, edit.type, this.#floats[edit.type]);
    else this.#chargeLength();
  }

  /** Declares one more local: its index. */
  #add(type: number): number {
    return this.#body.locals + this.#added.push(type) - 1;
  }

  #enter(cost: number): void {
    const { fuel, stack } = this.#counters;
    const writer = this.#writer.u8(OP.globalGet).u32(fuel).u8(OP.i64Const).signed(cost).u8(OP.i64Sub);
    writer.u8(OP.localTee).u32(this.#left);
    if (!this.#keepsLeft) writer.u8(OP.globalSet).u32(fuel).u8(OP.localGet).u32(this.#left);
    if (this.#frame > 0) {
      writer.u8(OP.globalGet).u32(stack).u8(OP.i64Const).signed(this.#frame).u8(OP.i64Sub);
      writer.u8(OP.globalSet).u32(stack).u8(OP.globalGet).u32(stack).u8(OP.i64Or);
    }
    this.#trapBelowZero();
  }

  #leave(): void {
    const { fuel, stack } = this.#counters;
    if (this.#keepsLeft) this.#writer.u8(OP.localGet).u32(this.#left).u8(OP.globalSet).u32(fuel);
    if (this.#frame > 0) {
      this.#writer.u8(OP.globalGet).u32(stack).u8(OP.i64Const).signed(this.#frame).u8(OP.i64Add);
      this.#writer.u8(OP.globalSet).u32(stack);
    }
    this.#writer.u8(OP.end);
  }

  #charge(cost: number): void {
    this.#pushLeft();
    this.#writer.u8(OP.i64Const).signed(cost).u8(OP.i64Sub);
    this.#setLeft();
  }

  /** Charges for the length on the operand stack, which the next instruction uses. */
  #chargeLength(): void {
    this.#writer.u8(OP.localSet).u32(this.#length);
    this.#pushLeft();
    this.#writer.u8(OP.localGet).u32(this.#length).u8(OP.i64ExtendI32U);
    this.#writer.u8(OP.i64Const, BULK_SHIFT, OP.i64ShrU, OP.i64Sub);
    this.#setLeft();
    this.#writer.u8(OP.localGet).u32(this.#length);
  }

  #pushLeft(): void {
    if (this.#keepsLeft) this.#writer.u8(OP.localGet).u32(this.#left);
    else this.#writer.u8(OP.globalGet).u32(this.#counters.fuel);
  }

  /** Takes what is left from the operand stack, and traps when it is negative. */
  #setLeft(): void {
    this.#writer.u8(OP.localTee).u32(this.#left);
    if (!this.#keepsLeft) this.#writer.u8(OP.globalSet).u32(this.#counters.fuel).u8(OP.localGet).u32(this.#left);
    this.#trapBelowZero();
  }

  #trapBelowZero(): void {
    this.#writer.u8(OP.i64Const, 0, OP.i64LtS, OP.if, NO_RESULT);
    if (this.#keepsLeft) this.#writer.u8(OP.localGet).u32(this.#left).u8(OP.globalSet).u32(this.#counters.fuel);
    this.#writer.u8(OP.unreachable, OP.end);
  }
}
