/**
 * The hash tree of a context's cells, brought up to date lazily: `set` marks the path to a cell as stale, `root` hashes
 * what is stale, once. Layout and hashes: `cell-digest.ts`; pages: `tree-page.ts`; the slow twin that builds the root
 * from scratch: `root-of.ts`. Cells are added and changed, never taken away: state only grows.
 *
 * Over stored pages it loads those on the way to what is asked for, each checked against the hash that its parent has
 * of it; changed pages are taken for the store, and what the store has may be forgotten. A read may throw `Miss`: the
 * tree is then as it was.
 */
import { bytesEqual, StoreFailure } from "../../base/index.ts";
import { HASH_BYTES, sha256 } from "../hash.ts";
import { addChild, bitmapOf, createRecord, hashAt, hashRecord, recordBytes } from "./branch-record.ts";
import { cellDigest, FAN_OUT, nibbleAt } from "./cell-digest.ts";
import { LeafPage } from "./leaf-page.ts";
import { CELL_BYTES, decodePage, encodeLeaf, pageKey } from "./tree-page.ts";

/** The stored pages by key, and the root that they make. */
export interface StoredPages {
  readonly root: Uint8Array;
  page(key: Uint8Array): Uint8Array | undefined;
}

export interface PageRow {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

interface InnerPage {
  readonly kind: "inner";
  /** Bitmap and hashes of its children, see `branch-record.ts`. */
  readonly record: Uint8Array;
  /** Those in memory. */
  readonly children: (Page | undefined)[];
  /** Bits of the children whose hash in the record is not that of what they hold. */
  stale: number;
  isDirty: boolean;
}

type Page = InnerPage | LeafPage;

const INNER_BYTES = 900;
/** Reused: leaves copy what they take in. */
const cell = new Uint8Array(CELL_BYTES);

export class HashTree {
  readonly #stored: StoredPages | undefined;
  #root: Page | undefined;
  #rootHash: Uint8Array | undefined;
  /** Bytes of the leaves and inner pages that were made or loaded: an estimate, exact after each `forget`. */
  #bytes = 0;
  #turn = 0;

  /** Over stored pages, or empty. */
  constructor(stored?: StoredPages) {
    this.#stored = stored;
    this.#rootHash = stored?.root;
    if (stored === undefined) this.#root = new LeafPage(undefined);
  }

  /** An estimate of what is in memory. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds a cell or changes its value. */
  set(key: Uint8Array, value: Uint8Array): void {
    const keyHash = sha256(key);
    cell.set(keyHash);
    cell.set(cellDigest(key, value), HASH_BYTES);
    if (this.#stored !== undefined) this.#touch(keyHash);
    this.#rootHash = undefined;
    const { leaf, depth } = this.#staleLeaf(keyHash);
    this.#bytes -= leaf.bytes;
    leaf.set(cell, 0, depth);
    this.#bytes += leaf.bytes;
    leaf.usedAt = this.#turn;
  }

  root(): Uint8Array {
    this.#turn++;
    this.#rootHash ??= this.#hash(this.#rootPage(), 0);
    return this.#rootHash.slice();
  }

  /** Hashes of the root's branches, by the first four bits of a cell's key hash; none in a tree of one leaf. */
  branches(): readonly (Uint8Array | undefined)[] {
    this.root();
    const page = this.#rootPage();
    if (page.kind === "leaf") return [];
    const { record } = page;
    return Array.from({ length: FAN_OUT }, (_, nibble) => {
      const at = hashAt(record, nibble);
      return (bitmapOf(record) & (1 << nibble)) === 0 ? undefined : record.slice(at, at + HASH_BYTES);
    });
  }

  /** Whether a value is that of the last `set`, as far as the pages in memory tell: true when they do not. */
  agrees(key: Uint8Array, value: Uint8Array): boolean {
    const keyHash = sha256(key);
    let page = this.#root;
    for (let depth = 0; page?.kind === "inner"; depth++) page = page.children[nibbleAt(keyHash, 0, depth)];
    if (page === undefined) return true;
    const digest = page.digestOf(keyHash);
    return digest === undefined || bytesEqual(digest, cellDigest(key, value));
  }

  /** Up to about `limit` changed pages as of the last `root`, once each; `isRest` when none is left. */
  takeDirty(limit: number): { readonly rows: readonly PageRow[]; readonly isRest: boolean } {
    const rows: PageRow[] = [];
    if (this.#root !== undefined) this.#takeDirty(this.#root, new Uint8Array(HASH_BYTES), 0, limit, rows);
    return { rows, isRest: rows.length < limit };
  }

  /** Lets go of leaves that the store has: those not used since the last two roots, and, above the bound, of all. */
  forget(bytesMax: number): void {
    if (this.#stored === undefined || this.#root === undefined || this.#bytes <= bytesMax) return;
    this.#bytes = this.#forget(this.#root, this.#turn - 1);
    if (this.#bytes > bytesMax) this.#bytes = this.#forget(this.#root, this.#turn + 1);
  }

  /** Reads every page, and so checks them all. */
  verify(): void {
    const visit = (page: Page, path: Uint8Array, depth: number): void => {
      if (page.kind === "leaf") return;
      for (let nibble = 0; nibble < FAN_OUT; nibble++) {
        if ((bitmapOf(page.record) & (1 << nibble)) === 0) continue;
        visit(this.#child(page, setNibble(path, depth, nibble), depth), path, depth + 1);
      }
    };
    visit(this.#rootPage(), new Uint8Array(HASH_BYTES), 0);
  }

  /** Loads the pages on the way to a cell, before anything is marked. */
  #touch(keyHash: Uint8Array): void {
    let page = this.#rootPage();
    for (let depth = 0; page.kind === "inner"; depth++) {
      if ((bitmapOf(page.record) & (1 << nibbleAt(keyHash, 0, depth))) === 0) return;
      page = this.#child(page, keyHash, depth);
    }
  }

  /** The leaf that has a cell, or has room for it; all hashes on the way are stale from now on. */
  #staleLeaf(keyHash: Uint8Array): { readonly leaf: LeafPage; readonly depth: number } {
    let parent: InnerPage | undefined;
    let page = this.#rootPage();
    for (let depth = 0; ; depth++) {
      if (page.kind === "leaf") {
        if (!page.isFull || page.has(keyHash)) return { leaf: page, depth };
        page = this.#split(page, depth);
        this.#put(parent, keyHash, depth, page);
      }
      parent = page;
      page = this.#staleChild(page, keyHash, depth);
    }
  }

  #rootPage(): Page {
    this.#root ??= this.#load(new Uint8Array(HASH_BYTES), 0, this.#stored?.root);
    return this.#root;
  }

  #child(parent: InnerPage, path: Uint8Array, depth: number): Page {
    const nibble = nibbleAt(path, 0, depth);
    const known = parent.children[nibble];
    if (known !== undefined) return known;
    const at = hashAt(parent.record, nibble);
    const loaded = this.#load(path, depth + 1, parent.record.subarray(at, at + HASH_BYTES));
    parent.children[nibble] = loaded;
    return loaded;
  }

  /** The child on the way to a cell, a new leaf when there was none; its hash is stale from now on. */
  #staleChild(parent: InnerPage, keyHash: Uint8Array, depth: number): Page {
    const nibble = nibbleAt(keyHash, 0, depth);
    parent.stale |= 1 << nibble;
    parent.isDirty = true;
    if ((bitmapOf(parent.record) & (1 << nibble)) !== 0) return this.#child(parent, keyHash, depth);
    addChild(parent.record, nibble);
    const leaf = new LeafPage(undefined);
    this.#bytes += leaf.bytes;
    parent.children[nibble] = leaf;
    return leaf;
  }

  #put(parent: InnerPage | undefined, keyHash: Uint8Array, depth: number, page: Page): void {
    if (parent === undefined) this.#root = page;
    else parent.children[nibbleAt(keyHash, 0, depth - 1)] = page;
  }

  /** The inner page that takes the place of a full leaf and has its cells. */
  #split(leaf: LeafPage, depth: number): InnerPage {
    const inner = createInner();
    const cells = leaf.cells();
    this.#bytes += INNER_BYTES - leaf.bytes;
    for (let at = 0; at < cells.length; at += CELL_BYTES) {
      const child = this.#staleChild(inner, cells.subarray(at, at + HASH_BYTES), depth);
      if (child.kind !== "leaf") continue;
      this.#bytes -= child.bytes;
      child.set(cells, at, depth + 1);
      this.#bytes += child.bytes;
    }
    return inner;
  }

  #load(path: Uint8Array, depth: number, hash: Uint8Array | undefined): Page {
    const key = pageKey(path, depth);
    const bytes = this.#stored?.page(key);
    const decoded = bytes && decodePage(bytes, key);
    if (decoded === undefined || hash === undefined) throw damaged();
    const page = decoded.kind === "leaf" ? new LeafPage(decoded.cells) : createInner(decoded.record);
    if (!bytesEqual(this.#hash(page, depth), hash)) throw damaged();
    this.#bytes += page.kind === "leaf" ? page.bytes : INNER_BYTES;
    if (page.kind === "leaf") page.usedAt = this.#turn;
    return page;
  }

  #hash(page: Page, depth: number): Uint8Array {
    if (page.kind === "leaf") return page.hash(depth);
    for (let nibble = 0, bits = page.stale; bits !== 0; nibble++, bits >>= 1) {
      const child = page.children[nibble];
      if ((bits & 1) === 1 && child !== undefined)
        page.record.set(this.#hash(child, depth + 1), hashAt(page.record, nibble));
    }
    page.stale = 0;
    return hashRecord(page.record);
  }

  #takeDirty(page: Page, path: Uint8Array, depth: number, limit: number, into: PageRow[]): void {
    if (!page.isDirty || into.length >= limit) return;
    if (page.kind === "inner") {
      for (let nibble = 0; nibble < FAN_OUT; nibble++) {
        const child = page.children[nibble];
        if (child?.isDirty !== true) continue;
        this.#takeDirty(child, setNibble(path, depth, nibble), depth + 1, limit, into);
        if (into.length >= limit) return;
      }
    }
    page.isDirty = false;
    const value = page.kind === "leaf" ? encodeLeaf(page.cells()) : recordBytes(page.record).slice();
    into.push({ key: pageKey(path, depth), value });
  }

  /** The bytes that are left. A page may go when it is as the store has it. */
  #forget(page: Page, usedBefore: number): number {
    if (page.kind === "leaf") return page.bytes;
    let bytes = INNER_BYTES;
    for (let nibble = 0; nibble < FAN_OUT; nibble++) {
      const child = page.children[nibble];
      if (child === undefined) continue;
      const isKept = child.isDirty || (page.stale & (1 << nibble)) !== 0;
      const left = this.#forget(child, usedBefore);
      const isOld = child.kind === "leaf" ? child.usedAt < usedBefore : left === INNER_BYTES;
      if (isOld && !isKept) page.children[nibble] = undefined;
      else bytes += left;
    }
    return bytes;
  }
}

function createInner(record?: Uint8Array): InnerPage {
  const children = new Array<Page | undefined>(FAN_OUT).fill(undefined);
  return { kind: "inner", record: createRecord(record), children, stale: 0, isDirty: record === undefined };
}

/** Changes `path` in place. */
function setNibble(path: Uint8Array, depth: number, nibble: number): Uint8Array {
  const byte = path[depth >> 1] as number;
  path[depth >> 1] = depth % 2 === 0 ? (nibble << 4) | (byte & 15) : (byte & 0xf0) | nibble;
  return path;
}

function damaged(): StoreFailure {
  return new StoreFailure("STORE_CORRUPT", "a stored page of hashes is damaged: restore a backup, or join again");
}
