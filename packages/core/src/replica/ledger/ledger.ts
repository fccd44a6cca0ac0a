/**
 * The ledger of handlers of one context: which events are still to be handled on this node.
 *
 * An entry is written in the same batch as the delta that tells its event, however that delta came, and leaves in the
 * same batch as what its handler wrote. A delta enters the graph once, so a handler's effects are there exactly once
 * per node, whatever crashes in between; a run that was lost before its flush is made again.
 *
 * Owns: what is open in memory is what is open in the store, but for batches under way. The handler's delta names its
 * cause, so other installations of the same member know that it was done, and causes can be counted: events too deep in
 * a chain of handlers are dead from the start. Which entries are to run here is the policy's to say, when they are due.
 */
import {
  type ContextId,
  err,
  idKey,
  must,
  ok,
  prefixEnd,
  type ReadView,
  type Result,
  type WriteOperation,
} from "../../base/index.ts";
import type { Graph, Order } from "../../dag/index.ts";
import { eventsOf } from "../apply.ts";
import type { Staged } from "../commit.ts";
import {
  HANDLER_ATTEMPTS_MAX,
  HANDLER_CODE_BYTES_MAX,
  HANDLER_DEPTH_MAX,
  HANDLER_RETRY_MS,
  HANDLER_RETRY_MS_MAX,
  HANDLERS_DUE_MAX,
} from "./limits.ts";
import {
  decodeDepth,
  decodeEntry,
  depthRowKey,
  encodeDepth,
  encodeEntry,
  entryRowKey,
  type OpenEntry,
  openTable,
  type Told,
} from "./row.ts";

export type LedgerErrorCode =
  /** The events of handlers that cause each other went deeper than they may: look for handlers that call in a circle. */
  | "HANDLER_DEPTH"
  /** There is no such entry, or it is not dead: only what is dead is replayed. */
  | "HANDLER_NOT_DEAD";

/** Who this node writes as. */
export interface LedgerSelf {
  readonly isOwnMember: (delta: Staged["delta"]) => boolean;
}

export interface LedgerCounts {
  readonly open: number;
  readonly dead: number;
}

type EntryId = Pick<OpenEntry, "order" | "event">;

export class Ledger {
  readonly #context: ContextId;
  readonly #view: ReadView;
  readonly #graph: Pick<Graph, "orderOf" | "size">;
  readonly #self: LedgerSelf;
  readonly #open = new Map<string, OpenEntry>();
  readonly #running = new Set<string>();
  /** Open since before the last start: one of them may be what ended the program. */
  readonly #old = new Set<string>();
  /** Their attempt is counted already. */
  readonly #counted = new Set<string>();
  readonly #depthByOrder = new Map<Order, number>();

  constructor(context: ContextId, view: ReadView, graph: Pick<Graph, "orderOf" | "size">, self: LedgerSelf) {
    this.#context = context;
    this.#view = view;
    this.#graph = graph;
    this.#self = self;
  }

  /** Reads what is open from the store; false when a row is damaged. */
  load(): boolean {
    const prefix = openTable(this.#context);
    const range = { gte: prefix, lt: must(prefixEnd(prefix), "a table's end") };
    for (const [key, value] of this.#view.range(range)) {
      const entry = decodeEntry(key.subarray(prefix.length), value);
      if (!entry || entry.order >= this.#graph.size) return false;
      this.#open.set(keyOf(entry), entry);
      this.#old.add(keyOf(entry));
    }
    return true;
  }

  get counts(): LedgerCounts {
    let dead = 0;
    for (const entry of this.#open.values()) if (entry.dead) dead++;
    return { open: this.#open.size - dead, dead };
  }

  /** What is open, dead or not, oldest first. */
  entries(): OpenEntry[] {
    return [...this.#open.values()].sort((a, b) => a.order - b.order || a.event - b.event);
  }

  /**
   * Entries whose time has come and that are not under way: they are until `done`, `fail` or `defer` of each. Of those that
   * were open when the program started one at a time: should it end meanwhile, that one is counted and no other.
   */
  takeDue(nowMs: number): OpenEntry[] {
    const due: OpenEntry[] = [];
    let mayTakeOld = !this.#isOldRunning;
    for (const [key, entry] of this.#open) {
      if (due.length >= HANDLERS_DUE_MAX) break;
      const isOld = this.#old.has(key);
      if (entry.dead || entry.dueMs > nowMs || this.#running.has(key) || (isOld && !mayTakeOld)) continue;
      if (isOld) mayTakeOld = false;
      this.#running.add(key);
      due.push(entry);
    }
    return due;
  }

  /** When the next entry is due; undefined when none waits but for one that is under way. */
  get nextDueMs(): number | undefined {
    let next: number | undefined;
    const isOldRunning = this.#isOldRunning;
    for (const [key, entry] of this.#open) {
      if (entry.dead || this.#running.has(key) || (isOldRunning && this.#old.has(key))) continue;
      if (next === undefined || entry.dueMs < next) next = entry.dueMs;
    }
    return next;
  }

  get #isOldRunning(): boolean {
    for (const key of this.#running) if (this.#old.has(key)) return true;
    return false;
  }

  /** The rows of deltas that are about to be committed: entries that open, and those that they close. */
  onCommit(staged: readonly Staged[]): WriteOperation[] {
    const rows: WriteOperation[] = [];
    for (const one of staged) {
      const order = must(this.#graph.orderOf(one.delta.key), "a staged delta is in the graph");
      const depth = this.#close(one, order, rows);
      for (const [event, payload] of eventsOf(one.entries).entries()) {
        if (payload.handler === "") continue;
        const told = this.#told(one);
        const dead = depth >= HANDLER_DEPTH_MAX;
        const code: LedgerErrorCode | "" = dead ? "HANDLER_DEPTH" : "";
        const base = { order, event, told, depth: depth + 1, attempts: 0, dueMs: 0, handledElsewhere: false };
        this.#put({ ...base, dead, code, payload: { ...payload, data: payload.data.slice() } }, rows);
      }
    }
    return rows;
  }

  /**
   * Before a run: the row that counts it, for an entry that was open when the program started. So a handler that ends the
   * program each time is dead in the end. Others are counted when they fail, which saves them a commit.
   */
  begin(entry: EntryId, nowMs: number): WriteOperation[] {
    const key = keyOf(entry);
    const open = this.#open.get(key);
    if (!open || !this.#old.has(key)) return [];
    const rows: WriteOperation[] = [];
    this.#put(failed(open, open.code, nowMs), rows);
    this.#counted.add(key);
    return rows;
  }

  /** The handler has run and wrote nothing, or need not run here: the row that says so. */
  done(entry: EntryId): WriteOperation[] {
    return this.#remove(entry);
  }

  /** The run failed: when it is to be made again, or that it is dead. */
  fail(entry: EntryId, code: string, nowMs: number): WriteOperation[] {
    const key = keyOf(entry);
    this.#running.delete(key);
    const open = this.#open.get(key);
    if (!open) return [];
    const rows: WriteOperation[] = [];
    this.#put(this.#counted.delete(key) ? { ...open, code: shortened(code) } : failed(open, code, nowMs), rows);
    return rows;
  }

  /** Not to be run before: another node is to run it, or what it needs is not here. Remembered in memory alone. */
  defer(entry: EntryId, dueMs: number): void {
    const key = keyOf(entry);
    this.#running.delete(key);
    const open = this.#open.get(key);
    if (open) this.#open.set(key, { ...open, dueMs });
  }

  /** Makes a dead entry due again, from the first attempt. */
  replay(entry: EntryId): Result<WriteOperation[]> {
    const open = this.#open.get(keyOf(entry));
    if (!open?.dead) return notDead();
    const rows: WriteOperation[] = [];
    this.#old.delete(keyOf(entry));
    this.#put({ ...open, attempts: 0, dueMs: 0, dead: false, code: "" }, rows);
    return ok(rows);
  }

  /** Gives up a dead entry for good: it never runs here. */
  drop(entry: EntryId): Result<WriteOperation[]> {
    if (!this.#open.get(keyOf(entry))?.dead) return notDead();
    return ok(this.#remove(entry));
  }

  /** Closes what the delta says that a handler did; gives the delta's own depth. */
  #close({ delta }: Staged, order: Order, rows: WriteOperation[]): number {
    const { cause } = delta;
    const from = cause && this.#graph.orderOf(idKey(cause.delta));
    if (!cause || from === undefined) return 0;
    const entry = { order: from, event: cause.event };
    const open = this.#open.get(keyOf(entry));
    if (open && open.payload.handler === cause.handler) {
      if (this.#self.isOwnMember(delta)) rows.push(...this.#remove(entry));
      else if (!open.handledElsewhere) this.#put({ ...open, handledElsewhere: true }, rows);
    }
    const depth = Math.min(this.#depthOf(from) + 1, HANDLER_DEPTH_MAX);
    this.#depthByOrder.set(order, depth);
    rows.push({ kind: "put", key: depthRowKey(this.#context, order), value: encodeDepth(depth) });
    return depth;
  }

  #depthOf(order: Order): number {
    const known = this.#depthByOrder.get(order);
    if (known !== undefined) return known;
    const row = this.#view.get(depthRowKey(this.#context, order));
    return (row && decodeDepth(row)) ?? 0;
  }

  #told({ delta, local }: Staged): Told {
    if (local) return "here";
    return this.#self.isOwnMember(delta) ? "by this member elsewhere" : "elsewhere";
  }

  #put(entry: OpenEntry, rows: WriteOperation[]): void {
    this.#open.set(keyOf(entry), entry);
    rows.push({ kind: "put", key: entryRowKey(this.#context, entry), value: encodeEntry(entry) });
  }

  #remove(entry: EntryId): WriteOperation[] {
    const key = keyOf(entry);
    for (const keys of [this.#running, this.#old, this.#counted]) keys.delete(key);
    if (!this.#open.delete(key)) return [];
    return [{ kind: "delete", key: entryRowKey(this.#context, entry) }];
  }
}

function failed(open: OpenEntry, code: string, nowMs: number): OpenEntry {
  const attempts = open.attempts + 1;
  const wait = Math.min(HANDLER_RETRY_MS * 2 ** (attempts - 1), HANDLER_RETRY_MS_MAX);
  return { ...open, attempts, dead: attempts >= HANDLER_ATTEMPTS_MAX, dueMs: nowMs + wait, code: shortened(code) };
}

function shortened(code: string): string {
  return code.slice(0, HANDLER_CODE_BYTES_MAX);
}

function notDead(): Result<never> {
  return err<LedgerErrorCode>("HANDLER_NOT_DEAD", "there is no such entry, or it is not dead");
}

function keyOf({ order, event }: EntryId): string {
  return `${order} ${event}`;
}
