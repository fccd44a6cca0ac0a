/** A leaf of the hash tree in memory: its cells, packed and ascending by key hash, and the hashes of their subtrees. */
import { HASH_BYTES, sha256 } from "../hash.ts";
import { BRANCH, BUCKET, BUCKET_CELLS_MAX, FAN_OUT, nibbleAt } from "./cell-digest.ts";
import { CELL_BYTES, HEAD_BYTES, LEAF_CELLS_MAX } from "./tree-page.ts";

const INITIAL_CELLS = 8;
const ALL_FRESH = (1 << FAN_OUT) - 1;
/** A branch as it is hashed, at each depth below a leaf. */
const branches: Uint8Array[] = [];
const bucket = new Uint8Array(1 + BUCKET_CELLS_MAX * HASH_BYTES);

export class LeafPage {
  readonly kind = "leaf";
  isDirty: boolean;
  /** The turn in which it was used last. */
  usedAt = 0;
  count: number;
  #cells: Uint8Array;
  /** Hashes of the runs of cells that share their next nibble, and which of them are up to date. */
  #runHashes: Uint8Array | undefined;
  #freshRuns = 0;

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
    return 160 + this.#cells.length + (this.#runHashes?.length ?? 0);
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
    this.#freshRuns &= ~(1 << nibbleAt(source, from, depth));
    this.isDirty = true;
  }

  hash(depth: number): Uint8Array {
    if (this.count <= BUCKET_CELLS_MAX) return hashBucket(this.#cells, 0, this.count);
    this.#runHashes ??= new Uint8Array(FAN_OUT * HASH_BYTES);
    const hash = hashRuns(this.#cells, 0, this.count, depth, this.#runHashes, this.#freshRuns);
    this.#freshRuns = ALL_FRESH;
    return hash;
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

function hashCells(cells: Uint8Array, from: number, to: number, depth: number): Uint8Array {
  return to - from <= BUCKET_CELLS_MAX ? hashBucket(cells, from, to) : hashRuns(cells, from, to, depth, undefined, 0);
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

/**
 * The hash of a branch over the runs of cells that share their nibble at `depth`. Of `known` hashes, by nibble, those
 * are taken whose bit is in `fresh`; the others are brought up to date.
 */
function hashRuns(
  cells: Uint8Array,
  from: number,
  to: number,
  depth: number,
  known: Uint8Array | undefined,
  fresh: number,
): Uint8Array {
  branches[depth] ??= new Uint8Array(HEAD_BYTES + FAN_OUT * HASH_BYTES);
  const branch = branches[depth];
  let bitmap = 0;
  let length = HEAD_BYTES;
  for (let start = from; start < to; ) {
    const nibble = nibbleAt(cells, start * CELL_BYTES, depth);
    let end = start + 1;
    while (end < to && nibbleAt(cells, end * CELL_BYTES, depth) === nibble) end++;
    const at = nibble * HASH_BYTES;
    if (known !== undefined && (fresh & (1 << nibble)) !== 0) copy(known, at, branch, length, HASH_BYTES);
    else {
      const hash = hashCells(cells, start, end, depth + 1);
      branch.set(hash, length);
      known?.set(hash, at);
    }
    length += HASH_BYTES;
    bitmap |= 1 << nibble;
    start = end;
  }
  branch[0] = BRANCH;
  branch[1] = bitmap & 255;
  branch[2] = bitmap >> 8;
  return sha256(branch.subarray(0, length));
}

/** By hand: for so few bytes a native copy and a view of its source cost more. */
function copy(source: Uint8Array, from: number, target: Uint8Array, at: number, length: number): void {
  for (let i = 0; i < length; i++) target[at + i] = source[from + i] as number;
}
