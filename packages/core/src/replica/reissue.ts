/**
 * Counting again, as a new actor, what this node counted as an actor that somebody else wrote as too: a copy of its
 * store that was not noticed in time (`branches.ts` says how much is lost, and to whom). And issuing again the elements
 * of texts and lists that both made under one id (`reissue-elements.ts`).
 *
 *   'f' actor 16:  varint order of the last delta that this node wrote as it | varint n, then n times:
 *                  place (string of its bytes) | varint added | varint subtracted     counted again so far
 *                  | varint n, then n times: varint order of a delta | 8 bytes: what was issued again of it, hashed
 *
 * Owns that nothing is counted again twice: what was is written in the batch of the delta that counts it.
 */
import {
  type ContextId,
  concatBytes,
  idKey,
  idKeyToBytes,
  Reader,
  type ReadView,
  type WriteOperation,
  Writer,
} from "../base/index.ts";
import {
  addToCounter,
  type CounterPlace,
  counterSums,
  type Document,
  type Sums,
  type Transaction,
} from "../crdt/index.ts";
import type { Graph, Order } from "../dag/index.ts";
import { lostOf } from "./branches.ts";
import type { RunCall } from "./call.ts";
import { againCall, type GroupCall } from "./group.ts";
import { REISSUED_AT_ONCE_MAX } from "./limits.ts";
import type { LoggedCall } from "./log.ts";
import { DIGEST_BYTES, issueElements } from "./reissue-elements.ts";
import { orderKey, tablePrefix, tableRange } from "./rows.ts";

const COUNTERS_MAX = 65_536;
const PLACE_CHARS_MAX = 8_192;
const ISSUED_MAX = 16_777_216;

/** An actor that this node wrote as and does not any more. */
export interface Former {
  readonly tip: Order;
  readonly counted: Map<CounterPlace, Sums>;
  /** A digest of what was issued again of a delta. */
  readonly issued: Map<Order, string>;
}

/** The calls that wrote, of a delta of the log; undefined when its key is not here. */
type CallsOf = (bytes: Uint8Array) => readonly LoggedCall[] | undefined;
type Rest = ReadonlyMap<CounterPlace, Sums>;

interface Owed {
  readonly actorKey: string;
  readonly former: Former;
  readonly rest: Rest;
}

interface Issued {
  readonly actorKey: string;
  readonly former: Former;
  readonly digests: ReadonlyMap<Order, string>;
}

export class Reissues {
  readonly #context: ContextId;
  readonly #store: ReadView;
  readonly #graph: Graph;
  readonly #callsOf: CallsOf;
  readonly #formers = new Map<string, Former>();
  readonly #dirty = new Set<string>();
  #isDue = false;
  /** Whether elements are left to be issued again. */
  #isRest = false;
  /** What the transaction under way counts again. */
  #underWay: Owed[] = [];
  #issuing: Issued[] = [];

  constructor(context: ContextId, store: ReadView, graph: Graph, callsOf: CallsOf) {
    this.#context = context;
    this.#store = store;
    this.#graph = graph;
    this.#callsOf = callsOf;
  }

  get isDirty(): boolean {
    return this.#dirty.size > 0;
  }

  /** Whether something of a former actor came that was not looked at. */
  get isDue(): boolean {
    return this.#isDue;
  }

  load(): void {
    const prefix = tablePrefix(this.#context, "f");
    for (const [key, value] of this.#store.range(tableRange(prefix))) {
      const former = decodeFormer(value);
      if (former) this.#formers.set(String.fromCharCode(...key.subarray(prefix.length)), former);
    }
    this.#isDue = this.#formers.size > 0;
  }

  /** Somebody else writes as this actor; `tip` is the last that was written here. */
  leave(actorKey: string, tip: Order): void {
    this.#formers.set(actorKey, { tip, counted: new Map(), issued: new Map() });
    this.#dirty.add(actorKey);
    this.#isDue = true;
  }

  onAdmitted(actorKey: string): void {
    if (this.#formers.has(actorKey)) this.#isDue = true;
  }

  /** Both as a call; `join` takes in, when it is committed, what issues elements again. */
  asCall(document: Document, join: (call: GroupCall) => void): { run: RunCall<null>; onDone: () => void } {
    let onDone = (): void => {};
    const run: RunCall<null> = (transaction) => {
      const calls = this.#issueAgain(transaction);
      const steps = calls.map(({ joins, stamp }) => document.prepare(joins, { ...transaction.origin, stamp }));
      // Last: nothing throws a `Miss` after it.
      this.countAgain(transaction);
      onDone = () => {
        this.#noteIssued();
        for (const step of steps) step();
        for (const { joins, stamp } of calls) join(againCall(stamp, joins));
      };
      return { ok: true, value: null, events: [] };
    };
    return { run, onDone: () => onDone() };
  }

  /**
   * Withdraws in a transaction what is issued again, and gives the joins that do so, to be joined when it is committed;
   * up to so many of them at once. May throw a `Miss`, changing nothing. Before `countAgain`.
   */
  #issueAgain(transaction: Transaction): LoggedCall[] {
    this.#issuing = [];
    this.#isRest = false;
    const calls: LoggedCall[] = [];
    const callsAt = (order: Order) => this.#callsAt(order);
    for (const [actorKey, former] of this.#formers) {
      const room = REISSUED_AT_ONCE_MAX - calls.length;
      const issued = issueElements(this.#graph, { actorKey, issued: former.issued, transaction, room }, callsAt);
      if (!issued || issued.isRest) this.#isRest = true;
      if (!issued) continue;
      calls.push(...issued.calls);
      this.#issuing.push({ actorKey, former, digests: issued.digests });
    }
    return calls;
  }

  /** What `#issueAgain` gave goes into the next commit. */
  #noteIssued(): void {
    for (const { actorKey, former, digests } of this.#issuing.splice(0)) {
      for (const [order, digest] of digests) former.issued.set(order, digest);
      if (digests.size > 0) this.#dirty.add(actorKey);
    }
  }

  /** Counts again in a transaction what is known to be lost, and was not before. May throw a `Miss`, changing nothing. */
  countAgain(transaction: Transaction): void {
    this.#underWay = [];
    const sumsAt = (order: Order) => this.#sumsAt(order);
    const owed: Owed[] = [];
    for (const [actorKey, former] of this.#formers) {
      const lost = lostOf(this.#graph, actorKey, former.tip, sumsAt);
      if (lost) owed.push({ actorKey, former, rest: restOf(lost, former.counted) });
    }
    for (const { rest } of owed) for (const [place, sums] of rest) addToCounter(transaction, place, sums);
    for (const { actorKey, former, rest } of owed) {
      note(former, rest, 1);
      if (rest.size > 0) this.#dirty.add(actorKey);
    }
    this.#underWay = owed;
    // What is not flushed yet is looked at next time.
    this.#isDue = this.#isRest || owed.length < this.#formers.size;
  }

  /** The transaction is over. What failed is made again when more of an actor's branches comes. */
  settle(isDone: boolean): void {
    const owed = this.#underWay.splice(0);
    if (isDone) return;
    for (const { actorKey, former, rest } of owed) {
      note(former, rest, -1);
      this.#dirty.add(actorKey);
    }
  }

  #callsAt(order: Order): readonly LoggedCall[] | undefined {
    const bytes = this.#store.get(orderKey(tablePrefix(this.#context, "d"), order));
    return bytes && this.#callsOf(bytes);
  }

  takeOperations(): WriteOperation[] {
    const prefix = tablePrefix(this.#context, "f");
    const operations: WriteOperation[] = [];
    for (const actorKey of this.#dirty) {
      const former = this.#formers.get(actorKey);
      if (!former) continue;
      operations.push({ kind: "put", key: concatBytes(prefix, idKeyToBytes(actorKey)), value: encodeFormer(former) });
    }
    this.#dirty.clear();
    return operations;
  }

  #sumsAt(order: Order): ReadonlyMap<CounterPlace, Sums> | undefined {
    const calls = this.#callsAt(order);
    if (!calls) return undefined;
    const sums = new Map<CounterPlace, Sums>();
    // Calls of one delta ascend by stamp: a later one has the greater sums.
    for (const { joins } of calls) for (const [place, value] of counterSums(joins)) sums.set(place, value);
    return sums;
  }
}

function note({ counted }: Former, rest: Rest, sign: 1 | -1): void {
  for (const [place, { added, subtracted }] of rest) {
    const before = counted.get(place) ?? NOTHING;
    counted.set(place, { added: before.added + sign * added, subtracted: before.subtracted + sign * subtracted });
  }
}

const NOTHING: Sums = { added: 0, subtracted: 0 };

function restOf(lost: Rest, counted: Rest): Map<CounterPlace, Sums> {
  const rest = new Map<CounterPlace, Sums>();
  for (const [place, sums] of lost) {
    const before = counted.get(place) ?? NOTHING;
    const added = Math.max(0, sums.added - before.added);
    const subtracted = Math.max(0, sums.subtracted - before.subtracted);
    if (added > 0 || subtracted > 0) rest.set(place, { added, subtracted });
  }
  return rest;
}

export function encodeFormer({ tip, counted, issued }: Former): Uint8Array {
  const writer = new Writer(64).varint(tip).varint(counted.size);
  for (const [place, { added, subtracted }] of counted) writer.string(place).varint(added).varint(subtracted);
  writer.varint(issued.size);
  for (const [order, digest] of issued) writer.varint(order).raw(idKeyToBytes(digest));
  return writer.toBytes();
}

export function decodeFormer(bytes: Uint8Array): Former | undefined {
  const reader = new Reader(bytes);
  const tip = reader.varint();
  const counted = new Map<CounterPlace, Sums>();
  const count = reader.count(COUNTERS_MAX, 3);
  for (let i = 0; i < count && !reader.failed; i++) {
    const place = reader.string(PLACE_CHARS_MAX);
    if (counted.has(place)) reader.fail();
    counted.set(place, { added: reader.varint(), subtracted: reader.varint() });
  }
  const issued = new Map<Order, string>();
  const issues = reader.count(ISSUED_MAX, DIGEST_BYTES + 1);
  for (let i = 0; i < issues && !reader.failed; i++) {
    const order = reader.varint();
    if (issued.has(order)) reader.fail();
    issued.set(order, idKey(reader.raw(DIGEST_BYTES)));
  }
  return reader.finish() ? { tip, counted, issued } : undefined;
}
