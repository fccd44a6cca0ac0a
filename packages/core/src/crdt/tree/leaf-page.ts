/** A leaf of the hash tree in memory: its cells, packed and ascending by key hash, and the hashes of their subtrees. */
import { HASH_BYTES, sha256 } from "../hash.ts";
import { addChild, bitmapOf, createRecord, hashAt, hashRecord } from "./branch-record.ts";
import { BUCKET, BUCKET_CELLS_MAX, FAN_OUT, nibbleAt } from "./cell-digest.ts";
import { CELL_BYTES, LEAF_CELLS_MAX } from "./tree-page.ts";

const INITIAL_CELLS = 8;
const ALL_STALE = (1 << FAN_OUT) - 1;
const bucket = new Uint8Array(1 + BUCKET_CELLS_MAX * HASH_BYTES);

export class LeafPage {
  readonly kind = "leaf";
  isDirty: boolean;
  /** The turn in which it was used last. */
  usedAt = 0;
  count: number;
  #cells: Uint8Array;
  /** The branch over the runs of cells that share their next nibble, and the bits of the runs that it has not as yet. */
  #record: Uint8Array | undefined;
  #stale = ALL_STALE;

  /** Of cells as they are stored; empty without. */
  constructor(cells: Uint8Array | undefined) {
    this.#cells = cells === undefined ? new Uint8Array(INITIAL_CELLS * CELL_BYTES) : cells.slice();
    this.count = cells === undefined ? 0 : cells.length / CELL_BYTES;
    this.isDirty = cells === undefined;
  }

  get isFull(): boolean {
    return this.count === LEAF_CELLS_MAX;
  }

  /** An estimate. */
  get bytes(): number {
    return 160 + this.#cells.length + (this.#record?.length ?? 0);
  }

  cells(): Uint8Array {
    return this.#cells.subarray(0, this.count * CELL_BYTES);
  }

  /** The digest of a cell, as a view; undefined when it is not here. */
  digestOf(keyHash: Uint8Array): Uint8Array | undefined {
    const at = this.#find(keyHash, 0);
    if (at >= this.count || this.#compare(at, keyHash, 0) !== 0) return undefined;
    return this.#cells.subarray(at * CELL_BYTES + HASH_BYTES, (at + 1) * CELL_BYTES);
  }

  has(keyHash: Uint8Array): boolean {
    return this.digestOf(keyHash) !== undefined;
  }

  /** Adds or changes the cell at `from` of `source`; there is room. */
  set(source: Uint8Array, from: number, depth: number): void {
    const at = this.#find(source, from);
    if (at === this.count || this.#compare(at, source, from) !== 0) {
      this.#makeRoom(at);
      this.count++;
    }
    copy(source, from, this.#cells, at * CELL_BYTES, CELL_BYTES);
    this.#stale |= 1 << nibbleAt(source, from, depth);
    this.isDirty = true;
  }

  hash(depth: number): Uint8Array {
    if (this.count <= BUCKET_CELLS_MAX) return hashBucket(this.#cells, 0, this.count);
    this.#record ??= createRecord();
    hashRuns(this.#record, this.#stale, { cells: this.#cells, from: 0, to: this.count }, depth);
    this.#stale = 0;
    return hashRecord(this.#record);
  }

  /** The first cell that is not below a key hash. */
  #find(source: Uint8Array, from: number): number {
    let [low, high] = [0, this.count];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#compare(middle, source, from) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #compare(cell: number, source: Uint8Array, from: number): number {
    const at = cell * CELL_BYTES;
    for (let i = 0; i < HASH_BYTES; i++) {
      const difference = (this.#cells[at + i] as number) - (source[from + i] as number);
      if (difference !== 0) return difference;
    }
    return 0;
  }

  #makeRoom(at: number): void {
    const used = this.count * CELL_BYTES;
    if (used === this.#cells.length) {
      const grown = new Uint8Array(Math.min(LEAF_CELLS_MAX * CELL_BYTES, used * 2 || INITIAL_CELLS * CELL_BYTES));
      grown.set(this.#cells);
      this.#cells = grown;
    }
    this.#cells.copyWithin((at + 1) * CELL_BYTES, at * CELL_BYTES, used);
  }
}

/** Cells of a leaf, in order. */
interface Run {
  readonly cells: Uint8Array;
  readonly from: number;
  readonly to: number;
}

function hashRun(run: Run, depth: number): Uint8Array {
  const { cells, from, to } = run;
  if (to - from <= BUCKET_CELLS_MAX) return hashBucket(cells, from, to);
  const record = createRecord();
  hashRuns(record, ALL_STALE, run, depth);
  return hashRecord(record);
}

function hashBucket(cells: Uint8Array, from: number, to: number): Uint8Array {
  bucket[0] = BUCKET;
  for (let i = from; i < to; i++) {
    const digest = i * CELL_BYTES + HASH_BYTES;
    const at = 1 + (i - from) * HASH_BYTES;
    copy(cells, digest, bucket, at, HASH_BYTES);
  }
  return sha256(bucket.subarray(0, 1 + (to - from) * HASH_BYTES));
}

/** Brings those hashes of a branch up to date whose runs are stale, by the nibble at `depth`. */
function hashRuns(record: Uint8Array, stale: number, { cells, from, to }: Run, depth: number): void {
  for (let nibble = 0, bits = stale, start = from; bits !== 0 && start < to; nibble++, bits >>= 1) {
    if ((bits & 1) === 0) continue;
    start = firstOf(cells, start, to, nibble, depth);
    const end = firstOf(cells, start, to, nibble + 1, depth);
    if (start === end) continue;
    if ((bitmapOf(record) & (1 << nibble)) === 0) addChild(record, nibble);
    record.set(hashRun({ cells, from: start, to: end }, depth + 1), hashAt(record, nibble));
    start = end;
  }
}

/** The first cell from `from` on whose nibble is not below this one. */
function firstOf(cells: Uint8Array, from: number, to: number, nibble: number, depth: number): number {
  let [low, high] = [from, to];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (nibbleAt(cells, middle * CELL_BYTES, depth) < nibble) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** By hand: for so few bytes a native copy and a view of its source cost more. */
function copy(source: Uint8Array, from: number, target: Uint8Array, at: number, length: number): void {
  for (let i = 0; i < length; i++) target[at + i] = source[from + i] as number;
}
