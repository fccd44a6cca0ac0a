/**
 * The feed of a database: what was committed, in the order of the commits, and then what is, as it is.
 *
 * Nothing is kept for a reader but its place: each batch is read from the store when it is asked for. A change comes
 * with the last delta of its commit, so a cursor within a commit gives all of that commit's changes: what was given
 * may come again, and nothing is left out. Ends, without an error, when the signal is aborted, the reader stops, or
 * the database is closed.
 */
import { idKey, runLoaded } from "../../base/index.ts";
import { touchedBy } from "../../crdt/index.ts";
import type { Order } from "../../dag/index.ts";
import { loggedCalls, readLog } from "../../replica/index.ts";
import type { Engine } from "../engine.ts";
import { CollectionError } from "../errors.ts";
import { changeRange, decodeChangeRow, type LoggedChange } from "./change-row.ts";
import { frontierToText, PrefixHeads, textToCover } from "./frontier.ts";
import { FEED_BATCH_BYTES_MAX, FEED_BATCH_DELTAS_MAX } from "./limits.ts";

export interface FeedOptions {
  /** A batch's `cursor`, or a `version()`: what comes after it. "now": what is committed from now on. */
  readonly since?: string;
  /** Names of the collections whose changes are told. The deltas are all given: each stands on those before it. */
  readonly collections?: readonly string[];
  /** Deltas in one batch, at most. */
  readonly limit?: number;
  readonly signal?: AbortSignal;
}

export interface DocumentChange {
  /** Undefined for one that this program has not declared. */
  readonly collection: string | undefined;
  readonly id: string;
  /** What became of the document; "merge" when it came from somebody who did not know all that was here. */
  readonly kind: "insert" | "update" | "delete" | "merge";
  /** The same, with what a merge came to. */
  readonly effect: "insert" | "update" | "delete";
  /** Of an update. Changes within a text or another child are none. */
  readonly fields: readonly string[];
  readonly origin: "here" | "elsewhere";
}

export interface ChangeBatch {
  /** Where to go on, in this or any later run: `changes({ since: cursor })`. */
  readonly cursor: string;
  readonly changes: readonly DocumentChange[];
  /** As signed, for `apply` on another copy. */
  readonly deltas: readonly Uint8Array[];
}

/** Throws `CURSOR_INVALID` at once for a place that is not in this database. `onEnd` follows its closing. */
export function openFeed(
  engine: Engine,
  options: FeedOptions,
  onEnd: (listener: () => void) => () => void,
): AsyncGenerator<ChangeBatch, void, undefined> {
  const { since, limit = FEED_BATCH_DELTAS_MAX } = options;
  if (!Number.isSafeInteger(limit) || limit < 1) {
    throw new CollectionError("QUERY_INVALID", "the limit of a feed is a whole number above 0");
  }
  const first = startOf(engine, since);
  return run(engine, first, { ...options, limit: Math.min(limit, FEED_BATCH_DELTAS_MAX) }, onEnd);
}

async function* run(
  engine: Engine,
  start: Order,
  options: FeedOptions & { readonly limit: number },
  onEnd: (listener: () => void) => () => void,
): AsyncGenerator<ChangeBatch, void, undefined> {
  const { replica } = engine;
  const heads = new PrefixHeads(replica.graph);
  const isShown = shownBy(engine, options.collections);
  const bell = new Bell(engine, options.signal, onEnd);
  try {
    for (let first = start; ; ) {
      if (bell.isOver) return;
      assertOpen(engine);
      const end = Math.min(replica.flushed.count, first + options.limit);
      if (first >= end) {
        await bell.next();
        continue;
      }
      const { deltas, changes } = await runLoaded(engine.store, () => readBatch(engine, first, end));
      first += deltas.length;
      yield {
        cursor: frontierToText(engine.context, heads.at(first)),
        changes: changes.filter(isShown).map((change) => toDocumentChange(engine, change)),
        deltas,
      };
    }
  } finally {
    bell.stop();
  }
}

function startOf(engine: Engine, since: string | undefined): Order {
  if (since === undefined) return 0;
  const { replica, context } = engine;
  if (since === "now") return replica.flushed.count;
  const cover = textToCover(replica.graph, context, since);
  if (!cover.ok) throw new CollectionError("CURSOR_INVALID", cover.error.message);
  return cover.value.complete;
}

function readBatch(
  engine: Engine,
  first: Order,
  limit: Order,
): { readonly deltas: Uint8Array[]; readonly changes: LoggedChange[] } {
  const { store, context } = engine;
  const deltas = readLog(store, context, { first, end: limit }, FEED_BATCH_BYTES_MAX);
  const changes: LoggedChange[] = [];
  for (const [, value] of store.range(changeRange(context, { first, end: first + deltas.length }))) {
    for (const change of decodeChangeRow(value)?.changes ?? []) changes.push(change);
  }
  return { deltas, changes: [...changes, ...changesWithin(engine, first, deltas, changes)] };
}

/** The documents of declared collections in whose containers alone something changed. */
function changesWithin(
  engine: Engine,
  first: Order,
  deltas: readonly Uint8Array[],
  changes: readonly LoggedChange[],
): LoggedChange[] {
  const { replica } = engine;
  const known = new Set(changes.map(({ container, id }) => `${idKey(container)}|${id}`));
  const found: LoggedChange[] = [];
  for (const [i, delta] of deltas.entries()) {
    const origin = idKey(replica.graph.actorOf(first + i)) === replica.actorKey ? "here" : "elsewhere";
    for (const child of loggedCalls(delta).flatMap(({ joins }) => touchedBy(joins).containers)) {
      const owner = engine.documentOf(child);
      if (owner === undefined) continue;
      const { container } = owner.bound;
      const key = `${idKey(container)}|${owner.id}`;
      if (known.has(key)) continue;
      known.add(key);
      found.push({ effect: "update", origin, offset: 0, container, id: owner.id, fields: [] });
    }
  }
  return found;
}

function shownBy(engine: Engine, collections: readonly string[] | undefined): (change: LoggedChange) => boolean {
  if (collections === undefined) return ({ effect }) => effect !== "none";
  const containers = new Set(collections.map((name) => engine.containerKeyOf(name)));
  return ({ effect, container }) => effect !== "none" && containers.has(idKey(container));
}

function toDocumentChange(engine: Engine, change: LoggedChange): DocumentChange {
  const { id, fields, origin, container } = change;
  const effect = change.effect === "none" ? "update" : change.effect;
  return {
    collection: engine.nameOf(container),
    id,
    kind: origin === "concurrent" ? "merge" : effect,
    effect,
    fields,
    origin: origin === "here" ? "here" : "elsewhere",
  };
}

function assertOpen({ replica: { closed } }: Engine): void {
  if (closed !== undefined) throw new CollectionError(closed.code, closed.message);
}

/** Rings when something was committed, and when it is over. */
class Bell {
  #isOver = false;
  #hasRung = false;
  #wake: (() => void) | undefined;
  readonly #stops: (() => void)[];

  constructor(engine: Engine, signal: AbortSignal | undefined, onEnd: (listener: () => void) => () => void) {
    const end = (): void => {
      this.#isOver = true;
      this.#ring();
    };
    this.#isOver = signal?.aborted === true;
    signal?.addEventListener("abort", end);
    this.#stops = [
      engine.replica.onCommit(() => this.#ring()),
      onEnd(end),
      () => signal?.removeEventListener("abort", end),
    ];
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Resolves once it has rung since the last time. */
  async next(): Promise<void> {
    if (!this.#hasRung && !this.#isOver) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#hasRung = false;
  }

  stop(): void {
    for (const stop of this.#stops) stop();
  }

  #ring(): void {
    this.#hasRung = true;
    this.#wake?.();
    this.#wake = undefined;
  }
}
