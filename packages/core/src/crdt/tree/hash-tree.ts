/**
 * The hash tree of a context's cells, brought up to date lazily: `set` marks the path to a cell as stale, `root`
 * hashes what is stale, once. Layout and hashes: `cell-digest.ts`; the slow twin that builds the root from scratch:
 * `root-of.ts`. Cells are added and changed, never taken away: state only grows, a checkpoint starts a new tree.
 *
 * Key hashes and digests lie in slabs, 64 bytes a cell, and a bucket holds slot numbers.
 */
import { HASH_BYTES, sha256 } from "../hash.ts";
import { BRANCH, BUCKET, BUCKET_CELLS_MAX, cellDigest, FAN_OUT, nibbleAt } from "./cell-digest.ts";

interface Bucket {
  readonly kind: "bucket";
  readonly slots: number[];
  hash: Uint8Array | undefined;
}

interface Branch {
  readonly kind: "branch";
  readonly children: (TreeNode | undefined)[];
  hash: Uint8Array | undefined;
}

type TreeNode = Bucket | Branch;

const SLOTS_INITIAL = 64;

export class HashTree {
  #root: TreeNode = createBucket();
  #count = 0;
  #keyHashes: Uint8Array = new Uint8Array(SLOTS_INITIAL * HASH_BYTES);
  #digests: Uint8Array = new Uint8Array(SLOTS_INITIAL * HASH_BYTES);
  readonly #scratch = new Uint8Array(3 + FAN_OUT * HASH_BYTES);

  /** How many cells there are. */
  get size(): number {
    return this.#count;
  }

  /** Adds a cell or changes its value. */
  set(key: Uint8Array, value: Uint8Array): void {
    const keyHash = sha256(key);
    const digest = cellDigest(key, value);
    let parent: Branch | undefined;
    let node = this.#root;
    let depth = 0;
    for (; node.kind === "branch"; depth++) {
      node.hash = undefined;
      parent = node;
      const nibble = nibbleAt(keyHash, 0, depth);
      const child: TreeNode = node.children[nibble] ?? createBucket();
      node.children[nibble] = child;
      node = child;
    }
    node.hash = undefined;
    const slot = node.slots.find((candidate) => this.#hasKeyHash(candidate, keyHash));
    if (slot !== undefined) {
      this.#digests.set(digest, slot * HASH_BYTES);
      return;
    }
    this.#insert(node, this.#addSlot(keyHash, digest));
    if (node.slots.length <= BUCKET_CELLS_MAX) return;
    const split = this.#split(node, depth);
    if (parent === undefined) this.#root = split;
    else parent.children[nibbleAt(keyHash, 0, depth - 1)] = split;
  }

  root(): Uint8Array {
    return this.#hash(this.#root).slice();
  }

  #addSlot(keyHash: Uint8Array, digest: Uint8Array): number {
    const slot = this.#count++;
    if (this.#count * HASH_BYTES > this.#digests.length) {
      this.#keyHashes = grow(this.#keyHashes);
      this.#digests = grow(this.#digests);
    }
    this.#keyHashes.set(keyHash, slot * HASH_BYTES);
    this.#digests.set(digest, slot * HASH_BYTES);
    return slot;
  }

  /** Keeps the slots of a bucket ascending by key hash. */
  #insert(bucket: Bucket, slot: number): void {
    let at = bucket.slots.length;
    while (at > 0 && this.#compareKeyHashes(bucket.slots[at - 1] as number, slot) > 0) at--;
    bucket.slots.splice(at, 0, slot);
  }

  /** The branch that holds the cells of an overfull bucket; its own buckets may be overfull and split too. */
  #split(bucket: Bucket, depth: number): Branch {
    const children = new Array<TreeNode | undefined>(FAN_OUT).fill(undefined);
    for (const slot of bucket.slots) {
      const nibble = nibbleAt(this.#keyHashes, slot * HASH_BYTES, depth);
      const child = (children[nibble] ?? createBucket()) as Bucket;
      child.slots.push(slot);
      children[nibble] = child;
    }
    for (let nibble = 0; nibble < FAN_OUT; nibble++) {
      const child = children[nibble];
      if (child?.kind !== "bucket" || child.slots.length <= BUCKET_CELLS_MAX) continue;
      children[nibble] = this.#split(child, depth + 1);
    }
    return { kind: "branch", children, hash: undefined };
  }

  #hash(node: TreeNode): Uint8Array {
    if (node.hash === undefined) node.hash = node.kind === "bucket" ? this.#hashBucket(node) : this.#hashBranch(node);
    return node.hash;
  }

  #hashBucket(bucket: Bucket): Uint8Array {
    this.#scratch[0] = BUCKET;
    let at = 1;
    for (const slot of bucket.slots) {
      this.#scratch.set(this.#digests.subarray(slot * HASH_BYTES, (slot + 1) * HASH_BYTES), at);
      at += HASH_BYTES;
    }
    return sha256(this.#scratch.subarray(0, at));
  }

  #hashBranch(branch: Branch): Uint8Array {
    // Children first: they use the scratch bytes too.
    for (const child of branch.children) if (child !== undefined) this.#hash(child);
    let bitmap = 0;
    let at = 3;
    for (let nibble = 0; nibble < FAN_OUT; nibble++) {
      const child = branch.children[nibble];
      if (child === undefined) continue;
      bitmap |= 1 << nibble;
      this.#scratch.set(this.#hash(child), at);
      at += HASH_BYTES;
    }
    this.#scratch[0] = BRANCH;
    this.#scratch[1] = bitmap & 255;
    this.#scratch[2] = bitmap >> 8;
    return sha256(this.#scratch.subarray(0, at));
  }

  #hasKeyHash(slot: number, keyHash: Uint8Array): boolean {
    const offset = slot * HASH_BYTES;
    for (let i = 0; i < HASH_BYTES; i++) if (this.#keyHashes[offset + i] !== keyHash[i]) return false;
    return true;
  }

  #compareKeyHashes(a: number, b: number): number {
    for (let i = 0; i < HASH_BYTES; i++) {
      const byteA = this.#keyHashes[a * HASH_BYTES + i] as number;
      const byteB = this.#keyHashes[b * HASH_BYTES + i] as number;
      if (byteA !== byteB) return byteA - byteB;
    }
    return 0;
  }
}

function createBucket(): Bucket {
  return { kind: "bucket", slots: [], hash: undefined };
}

function grow(slab: Uint8Array): Uint8Array {
  const grown = new Uint8Array(slab.length * 2);
  grown.set(slab);
  return grown;
}
