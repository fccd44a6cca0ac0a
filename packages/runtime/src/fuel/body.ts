/**
 * One function's code: what it costs, how deep its frame is, and where the charges go.
 *
 * A *region* is what runs between two charges: the function outside its loops, and each loop outside the loops in it.
 * A region costs its longest path, so a charge at its head covers whatever way the code takes through it; a path is
 * longest by structured control flow alone, since within a region branches go forward. Operands are counted the same
 * way: the highest that the stack can stand.
 */
import { must } from "@dunlin/core/base";
import type { ByteReader } from "./byte-reader.ts";
import { BULK, INSTRUCTIONS, type Instruction, OP, PREFIXED } from "./instructions.ts";
import { type FunctionType, readValueType, VALUE_TYPE_NAMES } from "./module.ts";
import { type FloatType, nanLeftBy } from "./nan.ts";

/** A change at a place of the code. `depth`: how many blocks are open there. */
export type Edit =
  | { readonly kind: "charge"; readonly at: number; readonly region: Region }
  | { readonly kind: "return"; readonly at: number; readonly depth: number }
  | { readonly kind: "bulk"; readonly at: number }
  | { readonly kind: "nan"; readonly at: number; readonly type: FloatType };

export interface Region {
  cost: number;
}

export interface BodyScan {
  readonly entry: Region;
  readonly edits: readonly Edit[];
  readonly operandsMax: number;
  readonly calls: boolean;
  /** It changes tables, or drops segments: state that no reset of memory and globals takes back. */
  readonly keepsState: boolean;
}

interface Label {
  readonly kind: "function" | "block" | "loop" | "if" | "else";
  readonly type: BlockShape;
  /** Operands below the block's own. */
  readonly height: number;
  readonly region: Region;
  /** The path to the block's start, in the region around it; negative when it is never reached. */
  readonly entry: number;
  /** The longest path to the block's end; negative when nothing gets there. */
  reach: number;
}

interface BlockShape {
  readonly params: number;
  readonly results: number;
}

const NEVER = -1;
const NOTHING: BlockShape = { params: 0, results: 0 };
const ONE_RESULT: BlockShape = { params: 0, results: 1 };
/** A block's type when it has neither parameters nor results. */
const EMPTY_BLOCK = -64;
/** In the alignment of a load or store: the index of a memory follows. */
const MEMORY_INDEX_FLAG = 0x40;

export interface ScanTypes {
  readonly types: readonly FunctionType[];
  readonly functions: readonly FunctionType[];
}

/** Scans code from the first instruction to the function's end; undefined for an instruction that is not supported. */
export function scanBody(reader: ByteReader, module: ScanTypes, type: FunctionType): BodyScan | undefined {
  const scan = new Scanner(reader, module, type);
  return scan.run() ? scan : undefined;
}

class Scanner implements BodyScan {
  readonly entry: Region = { cost: 0 };
  readonly edits: Edit[] = [];
  operandsMax = 0;
  calls = false;
  keepsState = false;
  readonly #reader: ByteReader;
  readonly #module: ScanTypes;
  readonly #labels: Label[];
  /** Places of the open loops among the labels. */
  readonly #loops: number[] = [];
  #height = 0;
  #path = 0;

  constructor(reader: ByteReader, module: ScanTypes, { results }: FunctionType) {
    this.#reader = reader;
    this.#module = module;
    const type = { params: 0, results: results.length };
    this.#labels = [{ kind: "function", type, height: 0, region: this.entry, entry: 0, reach: NEVER }];
  }

  run(): boolean {
    const reader = this.#reader;
    while (this.#labels.length > 0) {
      if (!reader.more) return false;
      const at = reader.at;
      const opcode = reader.u8();
      const instruction = INSTRUCTIONS[opcode];
      if (instruction === undefined || !this.#step(at, opcode, instruction)) return false;
    }
    return !reader.failed && reader.at === reader.end;
  }

  get #top(): Label {
    return must(this.#labels.at(-1), "the function's own label is open");
  }

  #step(at: number, opcode: number, instruction: Instruction): boolean {
    if (this.#path !== NEVER) {
      const { region } = this.#top;
      region.cost = Math.max(region.cost, ++this.#path);
    }
    this.#effect(instruction.pops, instruction.pushes);
    switch (instruction.immediate) {
      case "none":
        this.#control(at, opcode);
        return true;
      case "index":
        if (opcode === OP.tableSet) this.keepsState = true;
        this.#reader.skipLeb();
        return true;
      case "number":
        this.#reader.skipLeb();
        return true;
      case "bytes4":
        this.#reader.skip(4);
        return true;
      case "bytes8":
        this.#reader.skip(8);
        return true;
      case "memory-argument": {
        const alignment = this.#reader.u32();
        this.#reader.skipLeb();
        return alignment < MEMORY_INDEX_FLAG;
      }
      case "block":
        return this.#open(opcode);
      case "branch":
        this.#branch(this.#reader.u32());
        if (opcode === OP.br) this.#stop();
        else this.#effect(1, 0);
        return true;
      case "branch-table":
        for (let rest = this.#reader.count(); rest >= 0 && this.#reader.more; rest--) this.#branch(this.#reader.u32());
        this.#stop();
        return true;
      case "call":
        return this.#call(this.#module.functions[this.#reader.u32()]);
      case "call-indirect": {
        const type = this.#module.types[this.#reader.u32()];
        this.#reader.skipLeb();
        return this.#call(type);
      }
      case "types":
        return this.#reader.u32() === 1 && readValueType(this.#reader) !== undefined;
      case "prefix":
        return this.#bulk(at);
      case "two-indices":
        return false;
    }
  }

  #effect(pops: number, pushes: number): void {
    const floor = this.#top.height;
    this.#height = Math.max(floor, this.#height - pops) + pushes;
    if (this.#height > this.operandsMax) this.operandsMax = this.#height;
  }

  #control(at: number, opcode: number): void {
    if (opcode === OP.unreachable) this.#stop();
    else if (opcode === OP.else) this.#else();
    else if (opcode === OP.end) this.#close();
    else if (opcode === OP.return) {
      this.edits.push({ kind: "return", at, depth: this.#labels.length - 1 });
      this.#stop();
    } else {
      const type = nanLeftBy(opcode, this.#reader);
      if (type) this.edits.push({ kind: "nan", at: this.#reader.at, type });
    }
  }

  #open(opcode: number): boolean {
    const type = this.#blockShape(this.#reader.s33());
    if (type === undefined) return false;
    const isLoop = opcode === OP.loop;
    if (opcode === OP.if) this.#effect(1, 0);
    const region = isLoop ? { cost: 0 } : this.#top.region;
    const height = Math.max(this.#top.height, this.#height - type.params);
    const kind = isLoop ? "loop" : opcode === OP.if ? "if" : "block";
    if (isLoop) {
      this.edits.push({ kind: "charge", at: this.#reader.at, region });
      this.#loops.push(this.#labels.length);
    }
    this.#labels.push({ kind, type, height, region, entry: this.#path, reach: NEVER });
    if (isLoop && this.#path !== NEVER) this.#path = 0;
    this.#height = height + type.params;
    return true;
  }

  #blockShape(type: number): BlockShape | undefined {
    if (type === EMPTY_BLOCK) return NOTHING;
    if (type < 0) return VALUE_TYPE_NAMES.has(type + 128) ? ONE_RESULT : undefined;
    const found = this.#module.types[type];
    return found && { params: found.params.length, results: found.results.length };
  }

  #else(): void {
    const label = must(this.#labels.pop(), "an if is open");
    const reach = Math.max(label.reach, this.#path);
    this.#labels.push({ ...label, kind: "else", reach });
    this.#path = label.entry;
    this.#height = label.height + label.type.params;
  }

  #close(): void {
    const label = must(this.#labels.pop(), "a block is open");
    if (label.kind === "loop") {
      this.#loops.pop();
      if (this.#path !== NEVER) this.#path = label.entry;
    } else {
      const around = label.kind === "if" ? label.entry : NEVER;
      this.#path = Math.max(this.#path, label.reach, around);
    }
    this.#height = label.height + label.type.results;
    if (this.#height > this.operandsMax) this.operandsMax = this.#height;
  }

  /** Tells the end of a block that it is reached from here. A loop's start needs no telling: its charge stands there. */
  #branch(depth: number): void {
    const at = this.#labels.length - 1 - depth;
    const target = this.#labels[at];
    if (target === undefined || target.kind === "loop" || this.#path === NEVER) return;
    target.reach = Math.max(target.reach, this.#pathAround(at));
  }

  /** How far the region of the label at `at` has come: where it entered the outermost loop that is open within. */
  #pathAround(at: number): number {
    let [low, high] = [0, this.#loops.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (must(this.#loops[middle], "within the loops") > at) high = middle;
      else low = middle + 1;
    }
    const loop = this.#loops[low];
    return loop === undefined ? this.#path : must(this.#labels[loop], "an open loop").entry;
  }

  /** What follows is reached only from elsewhere. */
  #stop(): void {
    this.#path = NEVER;
    this.#height = this.#top.height;
  }

  #call(type: FunctionType | undefined): boolean {
    if (type === undefined) return false;
    this.calls = true;
    this.#effect(type.params.length, type.results.length);
    return true;
  }

  #bulk(at: number): boolean {
    const code = this.#reader.u32();
    const instruction = PREFIXED[code];
    if (instruction === undefined) return false;
    this.#effect(instruction.pops, instruction.pushes);
    if (instruction.immediate !== "none") this.#reader.skipLeb();
    if (instruction.immediate === "two-indices") this.#reader.skipLeb();
    if (code < BULK.memoryInit) return true;
    const touchesMemoryAlone = code === BULK.memoryInit || code === BULK.memoryCopy || code === BULK.memoryFill;
    const readsSize = code === 16;
    if (!touchesMemoryAlone && !readsSize) this.keepsState = true;
    const isSized = code !== BULK.dataDrop && code !== BULK.elemDrop && !readsSize;
    if (isSized) this.edits.push({ kind: "bulk", at });
    return true;
  }
}
