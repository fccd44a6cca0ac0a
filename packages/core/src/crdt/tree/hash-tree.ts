/**
 * The hash tree of a context's cells, brought up to date lazily: `set` marks the path to a cell as stale, `root`
 * hashes what is stale, once. Layout and hashes: `cell-digest.ts`; the slow twin that builds the root from scratch:
 * `root-of.ts`. Cells are added and changed, never taken away: state only grows, a checkpoint starts a new tree.
 *
 * Everything lies in slabs, by number:
 *
 *   cell     key hash (32) | digest (32)
 *   bucket   count | numbers of up to four cells, ascending by key hash
 *   branch   0x02 | bitmap (2) | hashes of its children, packed      the bytes as they are hashed: nothing is gathered
 *            bits of children whose hash there is stale | 16 links by nibble
 *
 * A link is 0 for nothing, a branch's number plus one, or the negative of a bucket's number plus one.
 */
import { HASH_BYTES, sha256 } from "../hash.ts";
import { BRANCH, BUCKET, BUCKET_CELLS_MAX, cellDigest, FAN_OUT, nibbleAt } from "./cell-digest.ts";
import { ByteSlab, NumberSlab } from "./slab.ts";

type Link = number;

const NO_LINK: Link = 0;
const NO_BRANCH = -1;
const HEAD_BYTES = 3;

export class HashTree {
  readonly #cells = new ByteSlab(2 * HASH_BYTES);
  readonly #buckets = new NumberSlab(1 + BUCKET_CELLS_MAX);
  readonly #records = new ByteSlab(HEAD_BYTES + FAN_OUT * HASH_BYTES);
  readonly #links = new NumberSlab(1 + FAN_OUT);
  /** Buckets that a split left over. */
  readonly #freeBuckets: number[] = [];
  readonly #scratch = new Uint8Array(1 + BUCKET_CELLS_MAX * HASH_BYTES);
  #root: Link = this.#addBucket();
  #rootHash: Uint8Array | undefined;

  /** How many cells there are. */
  get size(): number {
    return this.#cells.count;
  }

  /** Adds a cell or changes its value. */
  set(key: Uint8Array, value: Uint8Array): void {
    const keyHash = sha256(key);
    const digest = cellDigest(key, value);
    this.#rootHash = undefined;
    let branch = NO_BRANCH;
    let link = this.#root;
    for (let depth = 0; ; ) {
      if (link > 0) {
        branch = link - 1;
        link = this.#staleChild(branch, nibbleAt(keyHash, 0, depth++));
        continue;
      }
      if (this.#setInBucket(-link - 1, keyHash, digest)) return;
      link = this.#split(-link - 1, depth);
      if (branch === NO_BRANCH) this.#root = link;
      else this.#links.items[this.#linkAt(branch, nibbleAt(keyHash, 0, depth - 1))] = link;
    }
  }

  root(): Uint8Array {
    this.#rootHash ??= this.#hash(this.#root);
    return this.#rootHash.slice();
  }

  /** The child at a nibble, an empty bucket when there was none; its hash is stale from now on. */
  #staleChild(branch: number, nibble: number): Link {
    const stale = branch * this.#links.width;
    this.#links.items[stale] = (this.#links.items[stale] as number) | (1 << nibble);
    const at = this.#linkAt(branch, nibble);
    if (this.#links.items[at] === NO_LINK) {
      this.#makeRoom(branch, nibble);
      this.#links.items[at] = this.#addBucket();
    }
    return this.#links.items[at] as Link;
  }

  /** Adds a child to a branch's bitmap, and moves the hashes of those after it. */
  #makeRoom(branch: number, nibble: number): void {
    const { items, width } = this.#records;
    const record = branch * width;
    const bitmap = this.#bitmap(branch) | (1 << nibble);
    items[record + 1] = bitmap & 255;
    items[record + 2] = bitmap >> 8;
    const at = this.#hashAt(branch, nibble);
    items.copyWithin(at + HASH_BYTES, at, record + width - HASH_BYTES);
  }

  /** False, with nothing done, when the cell is new and the bucket full. */
  #setInBucket(bucket: number, keyHash: Uint8Array, digest: Uint8Array): boolean {
    const { items } = this.#buckets;
    const first = bucket * this.#buckets.width + 1;
    const end = first + (items[first - 1] as number);
    let at = first;
    let order = -1;
    for (; at < end; at++) {
      order = this.#compareKeyHash(items[at] as number, keyHash);
      if (order >= 0) break;
    }
    if (order !== 0) {
      if (end - first === BUCKET_CELLS_MAX) return false;
      items.copyWithin(at + 1, at, end);
      items[at] = this.#addCell(keyHash);
      items[first - 1] = end - first + 1;
    }
    this.#cells.items.set(digest, (items[at] as number) * this.#cells.width + HASH_BYTES);
    return true;
  }

  /** The branch that takes the place of a full bucket and has its cells. */
  #split(bucket: number, depth: number): Link {
    const branch = this.#addBranch();
    const first = bucket * this.#buckets.width + 1;
    for (let i = 0; i < BUCKET_CELLS_MAX; i++) {
      const cell = this.#buckets.items[first + i] as number;
      const nibble = nibbleAt(this.#cells.items, cell * this.#cells.width, depth);
      const child = (-this.#staleChild(branch, nibble) - 1) * this.#buckets.width;
      const count = (this.#buckets.items[child] as number) + 1;
      this.#buckets.items[child] = count;
      this.#buckets.items[child + count] = cell;
    }
    this.#buckets.items.fill(0, first - 1, first + BUCKET_CELLS_MAX);
    this.#freeBuckets.push(bucket);
    return branch + 1;
  }

  #hash(link: Link): Uint8Array {
    return link > 0 ? this.#hashBranch(link - 1) : this.#hashBucket(-link - 1);
  }

  #hashBucket(bucket: number): Uint8Array {
    const { items, width } = this.#cells;
    const first = bucket * this.#buckets.width;
    const count = this.#buckets.items[first] as number;
    this.#scratch[0] = BUCKET;
    for (let i = 0; i < count; i++) {
      const digest = (this.#buckets.items[first + 1 + i] as number) * width + HASH_BYTES;
      for (let j = 0; j < HASH_BYTES; j++) this.#scratch[1 + i * HASH_BYTES + j] = items[digest + j] as number;
    }
    return sha256(this.#scratch.subarray(0, 1 + count * HASH_BYTES));
  }

  #hashBranch(branch: number): Uint8Array {
    const { items, width } = this.#records;
    const stale = branch * this.#links.width;
    for (let nibble = 0, bits = this.#links.items[stale] as number; bits !== 0; nibble++, bits >>= 1) {
      if ((bits & 1) === 0) continue;
      items.set(this.#hash(this.#links.items[this.#linkAt(branch, nibble)] as Link), this.#hashAt(branch, nibble));
    }
    this.#links.items[stale] = 0;
    const record = branch * width;
    return sha256(items.subarray(record, record + HEAD_BYTES + countBits(this.#bitmap(branch)) * HASH_BYTES));
  }

  #linkAt(branch: number, nibble: number): number {
    return branch * this.#links.width + 1 + nibble;
  }

  /** Where the hash of a branch's child lies: after those of the children before it. */
  #hashAt(branch: number, nibble: number): number {
    const before = this.#bitmap(branch) & ((1 << nibble) - 1);
    return branch * this.#records.width + HEAD_BYTES + countBits(before) * HASH_BYTES;
  }

  #bitmap(branch: number): number {
    const { items, width } = this.#records;
    return (items[branch * width + 1] as number) | ((items[branch * width + 2] as number) << 8);
  }

  #addCell(keyHash: Uint8Array): number {
    const cell = this.#cells.add();
    this.#cells.items.set(keyHash, cell * this.#cells.width);
    return cell;
  }

  #addBucket(): Link {
    return -(this.#freeBuckets.pop() ?? this.#buckets.add()) - 1;
  }

  #addBranch(): number {
    const branch = this.#records.add();
    this.#links.add();
    this.#records.items[branch * this.#records.width] = BRANCH;
    return branch;
  }

  #compareKeyHash(cell: number, keyHash: Uint8Array): number {
    const offset = cell * this.#cells.width;
    for (let i = 0; i < HASH_BYTES; i++) {
      const difference = (this.#cells.items[offset + i] as number) - (keyHash[i] as number);
      if (difference !== 0) return difference;
    }
    return 0;
  }
}

/** Of a number of 16 bits. */
function countBits(bits: number): number {
  let count = bits - ((bits >> 1) & 0x5555);
  count = (count & 0x3333) + ((count >> 2) & 0x3333);
  count = (count + (count >> 4)) & 0x0f0f;
  return (count + (count >> 8)) & 31;
}
