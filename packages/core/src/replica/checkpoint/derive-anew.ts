/**
 * Deriving the whole state anew and putting what differs in its place: for when a peer has another root of the same
 * deltas, so that one of the two is damaged or faulty.
 *
 * The state is that of the checkpoint in effect, whose pages must hash to what its members signed, joined with every
 * delta outside of it, each of which must hash to its id. Nothing of a peer is used. In steps, beside other work; what
 * differs is looked at once more in the moment in which nothing waits for a flush, and replaced in one commit.
 */
import {
  bytesEqual,
  compareBytes,
  concatBytes,
  err,
  idKey,
  idKeyToBytes,
  Miss,
  must,
  ok,
  type ReadView,
  type Result,
  runLoaded,
  type WriteOperation,
} from "../../base/index.ts";
import { ALL_CELLS, Document, Overlay, stateRoot } from "../../crdt/index.ts";
import type { Order } from "../../dag/index.ts";
import { applyStored, cellSource } from "../load.ts";
import { tablePrefix } from "../rows.ts";
import type { Checkpoint } from "./checkpoints.ts";
import { type Cover, outside } from "./cover.ts";
import { baseView, cutPages } from "./derive.ts";
import { CELLS_PER_READ, DELTAS_PER_TURN } from "./limits.ts";
import { type RebaseHost, stalePages } from "./rebase.ts";

export type DeriveAnewErrorCode =
  /** The log or the stored checkpoint is damaged here, so the state cannot be derived anew: restore or join again. */
  "STATE_NOT_DERIVABLE";

/** The checkpoint in effect, and what it covers. */
export interface StartingPoint {
  readonly checkpoint: Checkpoint | undefined;
  readonly cover: Cover | undefined;
}

/** Gives how many cells were not what the deltas make. Throws a `StoreFailure` as `rebase` does. */
export async function deriveAnew(host: RebaseHost, start: StartingPoint): Promise<Result<number>> {
  const { ports, context, committer } = host;
  if (start.checkpoint !== undefined) {
    const { hashes } = await cutPages(ports, baseView(ports.store, context));
    if (!bytesEqual(stateRoot(hashes), start.checkpoint.root)) return underivable("the stored checkpoint is damaged");
  }
  const fresh = new FreshState(host, start.cover);
  for (;;) {
    const joining = runLoaded(ports.store, () => fresh.join(DELTAS_PER_TURN));
    const joined = joining instanceof Promise ? await joining : joining;
    if (!joined.ok) return joined;
    if (!joined.value) break;
    await ports.pause?.();
  }
  const suspects = await suspectCells(host, fresh.view);
  const pages = await stalePages(host);
  let result: Result<number> = ok(0);
  const seal = (): WriteOperation[] => {
    const joined = fresh.join(Number.POSITIVE_INFINITY);
    // What cannot be derived leaves the cells as they are.
    const rows = joined.ok ? differingRows(host, fresh.view, suspects) : [];
    result = joined.ok ? ok(rows.length) : joined;
    return [...rows, ...pages];
  };
  for (;;) {
    try {
      await committer.replaceState(seal, true);
      return result;
    } catch (thrown) {
      if (!(thrown instanceof Miss)) throw thrown;
      await ports.store.load(thrown);
    }
  }
}

/** The cells of the checkpoint with the flushed deltas outside of it. */
class FreshState {
  readonly view: Overlay;
  readonly #host: RebaseHost;
  readonly #cover: Cover | undefined;
  readonly #document: Document;
  #next: Order = 0;

  constructor(host: RebaseHost, cover: Cover | undefined) {
    this.#host = host;
    this.#cover = cover;
    this.view = new Overlay(baseView(host.ports.store, host.context));
    this.#document = new Document(this.view);
  }

  /** Joins the next `count`; whether there may be more. Joins again, where a page was missing, which changes nothing. */
  join(count: number): Result<boolean> {
    const { ports, context, admission, committer } = this.#host;
    const orders = outside(this.#cover, this.#next, committer.flushed.count).slice(0, count);
    for (const order of orders) {
      const applied = applyStored(ports, context, this.#document, admission, order);
      if (!applied.ok) return underivable(applied.error.message);
      if (!bytesEqual(applied.value.delta.id, admission.graph.idOf(order))) {
        return underivable(`delta ${order} of the log does not have its id`);
      }
      this.#next = order + 1;
    }
    for (const { key, value } of this.#document.takeDirty()) this.view.set(idKey(key), value);
    return ok(orders.length === count);
  }
}

/** Cells that differ while other work goes on, which may be why some do: they are looked at once more. */
async function suspectCells({ ports, context }: RebaseHost, view: ReadView): Promise<ReadonlySet<string>> {
  const stored = cellSource(ports.store, tablePrefix(context, "c"));
  const suspects = new Set<string>();
  for (let from: Uint8Array | undefined = ALL_CELLS.gte; from !== undefined; ) {
    const gte: Uint8Array = from;
    const found = await runLoaded(ports.store, () => differingFrom(stored, view, gte));
    for (const key of found.keys) suspects.add(key);
    from = found.next;
    await ports.pause?.();
  }
  return suspects;
}

/** The keys that differ among the next rows of both; where to go on is undefined at the end. */
function differingFrom(stored: Pick<ReadView, "range">, right: ReadView, gte: Uint8Array) {
  const range = { ...ALL_CELLS, gte, limit: CELLS_PER_READ };
  const sides = [stored, right].map((view) =>
    Array.from(view.range(range), ([key, value]) => [key.slice(), value.slice()] as const),
  );
  const ends = sides.flatMap((rows) => (rows.length === CELLS_PER_READ ? [must(rows.at(-1), "it is full")[0]] : []));
  // Beyond the nearer end one side has not been read.
  const [end] = ends.sort(compareBytes);
  const [ours, theirs] = sides.map((rows) => {
    const within = end === undefined ? rows : rows.filter(([key]) => compareBytes(key, end) <= 0);
    return new Map(within.map(([key, value]) => [idKey(key), value] as const));
  }) as [Map<string, Uint8Array>, Map<string, Uint8Array>];
  const keys = [...new Set([...ours.keys(), ...theirs.keys()])].filter(
    (key) => !isSame(ours.get(key), theirs.get(key)),
  );
  return { keys, next: end && concatBytes(end, Uint8Array.of(0)) };
}

function differingRows(host: RebaseHost, view: Overlay, suspects: ReadonlySet<string>): WriteOperation[] {
  const { ports, context } = host;
  const prefix = tablePrefix(context, "c");
  const rows: WriteOperation[] = [];
  for (const name of suspects) {
    const cellKey = idKeyToBytes(name);
    const key = concatBytes(prefix, cellKey);
    const before = ports.store.get(key)?.slice();
    const right = view.get(cellKey)?.slice();
    if (isSame(before, right)) continue;
    rows.push(right === undefined ? { kind: "delete", key } : { kind: "put", key, value: right });
  }
  return rows;
}

function underivable(why: string): Result<never> {
  return err<DeriveAnewErrorCode>("STATE_NOT_DERIVABLE", `${why}: restore a backup, or join again`);
}

function isSame(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === undefined || b === undefined ? a === b : bytesEqual(a, b);
}
