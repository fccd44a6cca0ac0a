/**
 * How a replica goes over to a checkpoint that has taken effect. From then on its state is that of the checkpoint,
 * tombstones dropped, joined with the deltas outside of it; so for the cells whose tombstones were dropped those deltas
 * are joined again. Cells, base and mark are one commit.
 */
import {
  concatBytes,
  type DeltaId,
  idKey,
  idKeyToBytes,
  Miss,
  runLoaded,
  StoreFailure,
  type WriteOperation,
} from "../../base/index.ts";
import { type CellChanges, type Derivation, Document, isRecord, Overlay, tellRecord } from "../../crdt/index.ts";
import type { Order } from "../../dag/index.ts";
import type { Committer } from "../committer.ts";
import { tablePrefix, tableRange } from "../rows.ts";
import { type Cover, outside } from "./cover.ts";
import { baseView, type Derived, type DeriveHost, joinLogged } from "./derive.ts";
import { DELTAS_PER_TURN } from "./limits.ts";
import { encodeBase } from "./rows.ts";

/** Rows that are listed at a time. */
const PAGES_PER_READ = 16;

export interface RebaseHost extends DeriveHost {
  readonly committer: Pick<Committer, "replaceState" | "flushed">;
  readonly derivation: Derivation | undefined;
}

export interface Target {
  /** Undefined when the state begins with none: it is made of all deltas. */
  readonly id: DeltaId | undefined;
  readonly cover: Cover | undefined;
  readonly derived: Derived;
  /** The cells that are stored are not those of all deltas: all that the deltas outside change is written too. */
  readonly isAnew?: boolean;
  /** What else goes into the commit. */
  readonly rest?: readonly WriteOperation[];
}

/** Resolves once it is durable; `onReplaced` is called in the turn in which the state becomes the new one. Throws a `StoreFailure` when what is stored is damaged, or the store fails. */
export async function rebase(
  host: RebaseHost,
  { id, cover, derived, isAnew = false, rest = [] }: Target,
  onReplaced: () => void,
): Promise<void> {
  const { store, pause } = host.ports;
  const late = new LateDeltas(host, cover, derived, isAnew);
  const base = baseRows(host, id, derived);
  const pages = await stalePages(host);
  const seal = (): WriteOperation[] => {
    late.join(Number.POSITIVE_INFINITY);
    const cells = cellRows(host, derived.dropped, late.changes);
    if (isAnew) for (const row of rowsBeyond(host, derived.dropped, late.changes)) cells.push(row);
    onReplaced();
    return [...cells, ...base, ...pages, ...rest];
  };
  for (;;) {
    try {
      // In steps first: what is left for the moment in which nothing else goes on is little.
      while (late.join(DELTAS_PER_TURN)) await pause?.();
      return await host.committer.replaceState(seal, isAnew);
    } catch (thrown) {
      if (!(thrown instanceof Miss)) throw thrown;
      await store.load(thrown);
    }
  }
}

/** The cells of a checkpoint with the deltas outside of it. */
class LateDeltas {
  readonly #view: Overlay;
  readonly #host: RebaseHost;
  readonly #cover: Cover | undefined;
  readonly #document: Document;
  readonly #isNeeded: boolean;
  #next: Order = 0;

  constructor(host: RebaseHost, cover: Cover | undefined, derived: Derived, isAnew: boolean) {
    this.#host = host;
    this.#cover = cover;
    this.#isNeeded = isAnew || derived.dropped.size > 0;
    this.#view = new Overlay(new Overlay(baseView(host.ports.store, host.context), derived.changes));
    this.#document = new Document(this.#view);
  }

  /** The cells that they change of the checkpoint's. */
  get changes(): CellChanges {
    return this.#view.changes;
  }

  /** Joins the next `count` of those that are flushed, since they are read from the store; whether there are more. */
  join(count: number): boolean {
    if (!this.#isNeeded) return false;
    const orders = outside(this.#cover, this.#next, this.#host.committer.flushed.count).slice(0, count);
    for (const order of orders) {
      const joined = joinLogged(this.#host, this.#document, [order]);
      if (!joined.ok) throw new StoreFailure("STORE_CORRUPT", joined.error.message);
      this.#next = order + 1;
    }
    for (const { key, value } of this.#document.takeDirty()) this.#view.set(idKey(key), value);
    return orders.length === count;
  }
}

/** The cells whose tombstones are dropped, as they are from now on; what derives from the state is told of them. */
function cellRows(
  { ports, context, derivation }: RebaseHost,
  dropped: CellChanges,
  late: CellChanges,
): WriteOperation[] {
  const prefix = tablePrefix(context, "c");
  const rows: WriteOperation[] = [];
  const told: (() => void)[] = [];
  for (const [name, left] of dropped) {
    const cellKey = idKeyToBytes(name);
    const key = concatBytes(prefix, cellKey);
    const value = late.has(name) ? late.get(name) : left;
    rows.push(value === undefined ? { kind: "delete", key } : { kind: "put", key, value });
    if (derivation === undefined || value === undefined || !isRecord(cellKey)) continue;
    const before = ports.store.get(key)?.slice();
    if (before !== undefined) told.push(() => tellRecord(derivation, cellKey, before, value));
  }
  for (const tell of told) tell();
  return [...rows, ...(derivation?.takeRows() ?? [])];
}

/** The cells that the deltas outside made, and nothing else. */
function* rowsBeyond({ context }: RebaseHost, dropped: CellChanges, late: CellChanges): Iterable<WriteOperation> {
  const prefix = tablePrefix(context, "c");
  for (const [name, value] of late) {
    const key = concatBytes(prefix, idKeyToBytes(name));
    if (!dropped.has(name)) yield value === undefined ? { kind: "delete", key } : { kind: "put", key, value };
  }
}

function baseRows(
  { context }: RebaseHost,
  id: DeltaId | undefined,
  { changes, root, pages }: Derived,
): WriteOperation[] {
  const prefix = tablePrefix(context, "b");
  const rows: WriteOperation[] = [];
  for (const [name, value] of changes) {
    const key = concatBytes(prefix, idKeyToBytes(name));
    rows.push(value === undefined ? { kind: "delete", key } : { kind: "put", key, value });
  }
  if (id === undefined) return rows;
  const value = encodeBase({ checkpoint: id, root, ...pages });
  rows.push({ kind: "put", key: tablePrefix(context, "k"), value });
  return rows;
}

/** The stored pages of hashes are of cells that are gone. None is written before the state has been replaced. */
export async function stalePages({ ports, context }: Pick<RebaseHost, "ports" | "context">): Promise<WriteOperation[]> {
  const { gte, lt } = tableRange(tablePrefix(context, "h"));
  const rows: WriteOperation[] = [];
  for (let from = gte; ; ) {
    const range = { gte: from, lt, limit: PAGES_PER_READ };
    const keys = await runLoaded(ports.store, () => Array.from(ports.store.range(range), ([key]) => key.slice()));
    for (const key of keys) rows.push({ kind: "delete", key });
    const last = keys.at(-1);
    if (last === undefined || keys.length < PAGES_PER_READ) return rows;
    from = concatBytes(last, Uint8Array.of(0));
  }
}
