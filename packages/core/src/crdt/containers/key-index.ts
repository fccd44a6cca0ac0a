/**
 * The entry keys of one container, each with a slot: a small number under which columns hold what belongs to the key.
 *
 * A few keys are searched one by one. More get a table of slots over their hashes (open addressing, linear probing, at
 * most half full): it takes a third of the memory of a `Map`, and a key that was not found is not hashed again when it
 * is added. Invariant: a table has every key whose slot is taken. Keys come from peers, who can make them collide: when
 * a probe gets long, the keys move to a `Map`, whose hashes nobody outside can foresee.
 */
import { assert } from "../../base/index.ts";
import { grownLength } from "../cells/grown-length.ts";
import { hashKey } from "../key-hash.ts";
import { KEY_PROBES_MAX, KEYS_SCANNED_MAX } from "../limits.ts";

/** Not found. */
export const NO_SLOT = -1;

/** A place of the table that holds no slot; others hold the slot plus one. */
const FREE = 0;
const PLACES_INITIAL = 32;
const NO_HASHES = new Int32Array(0);
/** A table this many times larger than needed is cut. */
const SLACK_MAX = 4;

export class KeyIndex {
  #keys: (string | undefined)[] = [];
  /** Slots that were let go, below the end. */
  readonly #free: number[] = [];
  #table: Int32Array | undefined;
  #hashes: Int32Array = NO_HASHES;
  #map: Map<string, number> | undefined;
  /** The key that was last not found, and its hash. */
  #missed = "";
  #missedHash = hashKey("");

  /** One more than the highest slot that is taken or was let go. */
  get slotEnd(): number {
    return this.#keys.length;
  }

  find(key: string): number {
    const table = this.#table;
    if (table === undefined) return this.#map === undefined ? this.#scan(key) : (this.#map.get(key) ?? NO_SLOT);
    const hash = hashKey(key);
    const mask = table.length - 1;
    for (let at = hash & mask, probes = 0; probes < KEY_PROBES_MAX; at = (at + 1) & mask, probes++) {
      const slot = (table[at] as number) - 1;
      if (slot < 0) {
        this.#missed = key;
        this.#missedHash = hash;
        return NO_SLOT;
      }
      if (this.#hashes[slot] === hash && this.#keys[slot] === key) return slot;
    }
    this.#useMap();
    return this.find(key);
  }

  keyAt(slot: number): string {
    const key = this.#keys[slot];
    assert(key !== undefined, "a slot that is used has a key");
    return key;
  }

  /** The hash of the key of a slot. */
  hashAt(slot: number): number {
    return this.#table === undefined ? hashKey(this.keyAt(slot)) : (this.#hashes[slot] as number);
  }

  isTaken(slot: number): boolean {
    return this.#keys[slot] !== undefined;
  }

  /** Takes a slot for a key that was not found. */
  add(key: string): number {
    // Most often the key was looked for just before: the same string, compared by identity.
    return this.addHashed(key, key === this.#missed ? this.#missedHash : hashKey(key));
  }

  /** As `add`, with the hash of the key. */
  addHashed(key: string, hash: number): number {
    const slot = this.#free.pop() ?? this.#keys.length;
    // A container has often one key, and an array that grows takes room for seventeen.
    if (slot === 0 && this.#keys.length === 0) this.#keys = [key];
    else if (slot === this.#keys.length) this.#keys.push(key);
    else this.#keys[slot] = key;
    if (this.#map !== undefined) this.#map.set(key, slot);
    else if (this.#table !== undefined) this.#addToTable(this.#table, hash, slot);
    else if (this.#keys.length > KEYS_SCANNED_MAX) this.#rebuild(PLACES_INITIAL);
    return slot;
  }

  /** Lets go of a slot and its key. */
  remove(slot: number): void {
    const key = this.keyAt(slot);
    this.#map?.delete(key);
    if (this.#table !== undefined) this.#removeFromTable(this.#table, slot);
    this.#keys[slot] = undefined;
    if (slot < this.#keys.length - 1) this.#free.push(slot);
    else this.#keys.pop();
  }

  /** Gives back memory after many keys were let go. */
  trim(): void {
    if (this.#table === undefined) return;
    let places = PLACES_INITIAL;
    while (places < this.#keys.length * 2) places *= 2;
    if (places * SLACK_MAX > this.#table.length) return;
    this.#rebuild(places);
    // An array from which items are popped keeps the room for them.
    this.#keys = this.#keys.slice();
  }

  /** Makes room for so many more keys at once. */
  reserve(count: number): void {
    const needed = this.#keys.length + count;
    if (this.#map !== undefined || needed <= KEYS_SCANNED_MAX) return;
    let places = this.#table?.length ?? PLACES_INITIAL;
    while (places < needed * 2) places *= 2;
    if (places !== this.#table?.length) this.#rebuild(places);
  }

  #scan(key: string): number {
    return this.#keys.indexOf(key);
  }

  #addToTable(table: Int32Array, hash: number, slot: number): void {
    if (slot >= this.#hashes.length) this.#resizeHashes(slot + 1);
    this.#hashes[slot] = hash;
    if (this.#keys.length * 2 > table.length) this.#rebuild(table.length * 2);
    else place(table, hash, slot);
  }

  #rebuild(places: number): void {
    const table = new Int32Array(places);
    const known = this.#hashes.length;
    this.#resizeHashes(this.#keys.length);
    for (let slot = 0; slot < this.#keys.length; slot++) {
      const key = this.#keys[slot];
      if (key === undefined) continue;
      if (slot >= known) this.#hashes[slot] = hashKey(key);
      place(table, this.#hashes[slot] as number, slot);
    }
    this.#table = table;
  }

  #resizeHashes(slots: number): void {
    const hashes = new Int32Array(grownLength(this.#hashes.length, slots));
    hashes.set(this.#hashes.subarray(0, hashes.length));
    this.#hashes = hashes;
  }

  /** Moves those that follow back, so that no probe ends before what it looks for. */
  #removeFromTable(table: Int32Array, slot: number): void {
    const mask = table.length - 1;
    let hole = (this.#hashes[slot] as number) & mask;
    while (table[hole] !== slot + 1) hole = (hole + 1) & mask;
    for (let at = (hole + 1) & mask; table[at] !== FREE; at = (at + 1) & mask) {
      const home = (this.#hashes[(table[at] as number) - 1] as number) & mask;
      if (((at - home) & mask) < ((at - hole) & mask)) continue;
      table[hole] = table[at] as number;
      hole = at;
    }
    table[hole] = FREE;
  }

  #useMap(): void {
    const map = new Map<string, number>();
    for (let slot = 0; slot < this.#keys.length; slot++) {
      const key = this.#keys[slot];
      if (key !== undefined) map.set(key, slot);
    }
    this.#map = map;
    this.#table = undefined;
    this.#hashes = NO_HASHES;
  }
}

function place(table: Int32Array, hash: number, slot: number): void {
  const mask = table.length - 1;
  let at = hash & mask;
  while (table[at] !== FREE) at = (at + 1) & mask;
  table[at] = slot + 1;
}
