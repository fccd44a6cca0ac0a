/**
 * A guest's state as the fold of the context's log, in the order of the log: by stamp, then actor. What a machine holds
 * depends on the records in the log alone, and not on when they came; the author's own calls take the same way.
 *
 * A record that sorts before others that are applied takes those back first, by what their writes had replaced, and
 * they are applied again. What was replaced is kept for the last records alone: one that sorts before them means a new
 * beginning. Every step is one batch, so a crash leaves a state that some prefix of the log gives.
 *
 * The fold is by one application: when the context has been given another, that one folds the whole log anew, so nodes
 * that upgraded at different times, or joined later, hold the same.
 */
import {
  bytesEqual,
  idKey,
  idKeyToBytes,
  type KeyValueStore,
  must,
  type Stamp,
  StoreFailure,
  stampToMs,
  type WriteOperation,
} from "@dunlin/core/base";
import type { Crypto } from "@dunlin/core/crypto";
import type { GuestEngine } from "../guest-engine.ts";
import { FOLD_TURN_MS, UNDO_BYTES_MAX, UNDO_RECORDS_MAX } from "../limits.ts";
import type { GuestReader, GuestWrite } from "../overlay.ts";
import { applyRecord, type Step } from "./apply-record.ts";
import { decodeUndo, encodeUndo, type GuestTable, rowKey, rowRange } from "./rows.ts";

/** The context's log, by the keys that order it. */
export interface RecordLog {
  keys(): readonly Uint8Array[];
  get(key: Uint8Array): { readonly member: Uint8Array; readonly bytes: Uint8Array } | undefined;
}

export interface GuestStatePorts {
  readonly store: Pick<KeyValueStore, "get" | "range" | "commit">;
  /** Where this context's guest has its rows. */
  readonly prefix: Uint8Array;
  readonly context: Uint8Array;
  readonly engine: GuestEngine;
  /** The id of the engine's application. */
  readonly application: Uint8Array;
  readonly crypto: Pick<Crypto, "sha256">;
  readonly log: RecordLog;
  readonly monotonicMs: () => number;
  /** Lets others have the thread, when much is to be folded. */
  readonly pause: () => Promise<void>;
}

export interface FoldCounts {
  repeated: number;
  artifacts: number;
  withoutEffect: number;
  takenBack: number;
}

/** What a call of this node left, which the fold would find again by repeating it. */
interface Foreseen {
  readonly record: Uint8Array;
  readonly step: Pick<Step, "root" | "writes">;
  readonly version: number;
}

const ROOT_BYTES = 32;

export class GuestState {
  readonly storage: GuestReader = { get: (key) => this.#get("s", key) };
  readonly privateStorage: GuestReader = { get: (key) => this.#get("p", key) };
  readonly counts: FoldCounts = { repeated: 0, artifacts: 0, withoutEffect: 0, takenBack: 0 };
  readonly #ports: GuestStatePorts;
  /** Applied records, in order. */
  #applied: string[];
  #root: Uint8Array;
  /** Changes with every step and every taking back. */
  #version = 0;
  #foreseen: Foreseen | undefined;

  private constructor(ports: GuestStatePorts) {
    this.#ports = ports;
    const { store, prefix } = ports;
    this.#applied = [...store.range(rowRange(prefix, "a"))].map(([key]) => idKey(key.slice(prefix.length + 1)));
    this.#root = this.#rootOf(this.#applied.at(-1));
  }

  /** Takes up the state that the store holds and brings it to what the log says. */
  static async open(ports: GuestStatePorts): Promise<GuestState> {
    const state = new GuestState(ports);
    const by = ports.store.get(state.#folderKey);
    if (by && bytesEqual(by, ports.application)) await state.#catchUp();
    else await state.#beginAnew();
    return state;
  }

  /** The guest's own root: zeros before anything was applied. */
  get root(): Uint8Array {
    return this.#root;
  }

  get size(): number {
    return this.#applied.length;
  }

  /**
   * Tells what a record does that this node is about to append, from a call that ran on the state as it is and can be
   * repeated: so it need not be, when nothing else comes first.
   */
  foresee(record: Uint8Array, step: Foreseen["step"]): void {
    this.#foreseen = { record, step, version: this.#version };
  }

  /** Applies records that are new in the log, in whatever order they came. What is read shows them from then on. */
  async advance(keys: readonly Uint8Array[]): Promise<void> {
    const fresh = keys.map(idKey).filter((key) => this.#applied[lowerBound(this.#applied, key)] !== key);
    if (fresh.length === 0) return;
    fresh.sort();
    const again = this.#takeBack(must(fresh[0], "not empty"));
    if (again === undefined) return this.#beginAnew();
    await this.#apply([...again, ...fresh].sort());
  }

  /** Writes what a call of this node wrote to its private storage. */
  writePrivate(writes: readonly GuestWrite[]): Promise<void> {
    return this.#ports.store.commit(this.#puts("p", writes));
  }

  async #catchUp(): Promise<void> {
    const keys = this.#ports.log.keys().map(idKey);
    let same = 0;
    while (same < this.#applied.length && this.#applied[same] === keys[same]) same++;
    const first = this.#applied[same];
    if (first !== undefined && this.#takeBack(first) === undefined) return this.#beginAnew();
    await this.#apply(keys.slice(same));
  }

  async #beginAnew(): Promise<void> {
    const { store, prefix, log } = this.#ports;
    const batch: WriteOperation[] = [{ kind: "put", key: this.#folderKey, value: this.#ports.application }];
    for (const table of ["s", "a", "u"] as const) {
      for (const [key] of store.range(rowRange(prefix, table))) batch.push({ kind: "delete", key: key.slice() });
    }
    this.counts.takenBack += this.#applied.length;
    this.#applied = [];
    this.#version++;
    this.#root = this.#rootOf(undefined);
    await store.commit(batch);
    await this.#apply(log.keys().map(idKey));
  }

  async #apply(keys: readonly string[]): Promise<void> {
    const { monotonicMs, pause } = this.#ports;
    let since = monotonicMs();
    for (const key of keys) {
      const flushed = this.#step(key);
      if (monotonicMs() - since < FOLD_TURN_MS) {
        // The store fails for good with its first failed flush, and the next commit tells.
        flushed.catch(() => {});
        continue;
      }
      await flushed;
      await pause();
      since = monotonicMs();
    }
  }

  #step(name: string): Promise<void> {
    const { store, prefix, log } = this.#ports;
    const key = idKeyToBytes(name);
    const entry = must(log.get(key), "a record of the log is there");
    const at = { ...this.#ports, storage: this.storage, root: this.#root };
    const step = this.#takeForeseen(entry.bytes) ?? applyRecord(at, entry.bytes, entry.member, stampNsOf(key));
    this.#version++;
    if (step.by === "repeating") this.counts.repeated++;
    else if (step.by === "artifact") this.counts.artifacts++;
    else this.counts.withoutEffect++;
    const replaced = step.writes.map(([written]): GuestWrite => [written, this.#get("s", written)?.slice()]);
    const batch = this.#puts("s", step.writes);
    batch.push({ kind: "put", key: rowKey(prefix, "a", key), value: step.root });
    const undo = encodeUndo(replaced);
    if (undo.length <= UNDO_BYTES_MAX) batch.push({ kind: "put", key: rowKey(prefix, "u", key), value: undo });
    this.#applied.push(name);
    const forgotten = this.#applied.at(-1 - UNDO_RECORDS_MAX);
    if (forgotten !== undefined) batch.push({ kind: "delete", key: rowKey(prefix, "u", idKeyToBytes(forgotten)) });
    this.#root = step.root;
    return store.commit(batch);
  }

  /** Takes back what is applied from `from` on; gives it, or undefined when that reaches further than what is kept. */
  #takeBack(from: string): string[] | undefined {
    const { store, prefix } = this.#ports;
    const count = this.#applied.length - lowerBound(this.#applied, from);
    if (count > UNDO_RECORDS_MAX) return undefined;
    if (count === 0) return [];
    const taken = this.#applied.slice(this.#applied.length - count);
    for (const name of taken.toReversed()) {
      const key = idKeyToBytes(name);
      const undo = store.get(rowKey(prefix, "u", key));
      const replaced = undo && decodeUndo(undo);
      if (!replaced) return undefined;
      const batch = this.#puts("s", replaced);
      for (const table of ["a", "u"] as const) batch.push({ kind: "delete", key: rowKey(prefix, table, key) });
      // A later commit of this store fails with it, and is awaited.
      store.commit(batch).catch(() => {});
      this.#applied.pop();
    }
    this.counts.takenBack += count;
    this.#version++;
    this.#root = this.#rootOf(this.#applied.at(-1));
    return taken;
  }

  #takeForeseen(record: Uint8Array): Step | undefined {
    const foreseen = this.#foreseen;
    if (!foreseen || foreseen.version !== this.#version || !bytesEqual(foreseen.record, record)) return undefined;
    this.#foreseen = undefined;
    return { ...foreseen.step, by: "repeating" };
  }

  get #folderKey(): Uint8Array {
    return rowKey(this.#ports.prefix, "m", new Uint8Array(0));
  }

  #puts(table: GuestTable, writes: readonly GuestWrite[]): WriteOperation[] {
    return writes.map(([name, value]): WriteOperation => {
      const key = rowKey(this.#ports.prefix, table, name);
      return value === undefined ? { kind: "delete", key } : { kind: "put", key, value };
    });
  }

  #get(table: GuestTable, key: Uint8Array): Uint8Array | undefined {
    return this.#ports.store.get(rowKey(this.#ports.prefix, table, key));
  }

  #rootOf(name: string | undefined): Uint8Array {
    if (name === undefined) return new Uint8Array(ROOT_BYTES);
    const root = this.#get("a", idKeyToBytes(name))?.slice();
    if (root?.length === ROOT_BYTES) return root;
    throw new StoreFailure("STORE_CORRUPT", "a row of an application's state is missing: restore it from a backup");
  }
}

/** The time of a record's delta: the first eight bytes of its key are its stamp. */
function stampNsOf(key: Uint8Array): bigint {
  const stamp = Number(new DataView(key.buffer, key.byteOffset).getBigUint64(0)) as Stamp;
  return BigInt(stampToMs(stamp)) * 1_000_000n;
}

/** The place of the first that is not below `key`. */
function lowerBound(sorted: readonly string[], key: string): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (must(sorted[middle], "within the list") < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
