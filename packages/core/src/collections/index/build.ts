/**
 * Building indexes: an index that is new, whose definition has changed, or that was left behind gets its entries page
 * by page, while documents go on changing. What it covers is written together with the entries, so that a build that
 * was cut short goes on where it was; changes are noted in every index from the start, built or not.
 */
import { bytesToHex, type RangeOptions, runLoaded, utf8, type WriteOperation } from "../../base/index.ts";
import { encodeValue, type Value } from "../../crdt/index.ts";
import { sha256 } from "../../crypto/index.ts";
import type { BoundCollection, BoundParts } from "../bound-collection.ts";
import type { Engine } from "../engine.ts";
import { BUILD_PAGE_DOCUMENTS } from "../limits.ts";
import type { Schema } from "../schema/schema.ts";
import type { Index } from "./definition.ts";
import { IndexRows } from "./index-rows.ts";
import { keyEnd } from "./ordered-key.ts";
import { entryPrefix, wordsKey } from "./rows.ts";
import { TextWords } from "./text-words.ts";

/** One index of a bound collection. */
export interface IndexState {
  readonly index: Index;
  readonly number: number;
  readonly fingerprint: string;
  readonly rows: IndexRows;
  /** Of an index of the words of a text. */
  readonly words: TextWords | undefined;
  /** Undefined once it is complete; else the last document that it covers, empty for none. */
  builtTo: string | undefined;
  /** The documents under a key, two at least when there are. May throw a `Miss`. */
  idsOf(key: Uint8Array): readonly string[];
}

export interface OpenedIndexes {
  readonly states: readonly IndexState[];
  /** Numbers whose entries nobody needs any more. */
  readonly dropped: readonly number[];
  readonly isChanged: boolean;
}

const DELETE_PAGE_ROWS = 1_000;
const VIOLATION_IDS_MAX = 100;

/** What of the stored indexes is still right, and new numbers for the others. */
export function openIndexes(engine: Engine, parts: BoundParts): OpenedIndexes {
  const { stored, schema, isStale } = parts;
  const known = new Map((isStale ? [] : (stored?.indexes ?? [])).map((index) => [index.name, index]));
  const states = parts.indexes.map((index) => {
    const fingerprint = fingerprintOf(schema, index);
    const same = known.get(index.name);
    if (same?.fingerprint !== fingerprint) return newState(engine, index, engine.nextNumber(), fingerprint, "");
    return newState(engine, index, same.number, fingerprint, same.builtTo);
  });
  const kept = new Set(states.map(({ number }) => number));
  const old = (stored?.indexes ?? []).map(({ number }) => number).filter((number) => !kept.has(number));
  const isChanged = old.length > 0 || states.some(({ index, number }) => known.get(index.name)?.number !== number);
  return { states, dropped: [...(stored?.dropped ?? []), ...old], isChanged };
}

/** Completes the indexes, then deletes what is left of old ones. Small collections are done at once. */
export function buildIndexes(bound: BoundCollection, states: readonly IndexState[]): Promise<void> {
  const unbuilt = states.filter(({ builtTo }) => builtTo !== undefined);
  // Of a store that others have open too: all in one turn, or their changes would come between reading and writing.
  if (bound.store.turns !== undefined) {
    return bound.engine.replica.inTurn(() =>
      finish(
        bound,
        unbuilt.map((state) => [state, true] as const),
      ),
    );
  }
  const first = unbuilt.map((state) => [state, buildPage(bound, state)] as const);
  return finish(bound, first);
}

async function finish(
  bound: BoundCollection,
  first: readonly (readonly [IndexState, boolean | Promise<boolean>])[],
): Promise<void> {
  for (const [state, begun] of first) {
    let more = await begun;
    while (more) {
      await bound.engine.commitRows();
      more = await buildPage(bound, state);
    }
  }
  await bound.engine.commitRows();
  for (const number of bound.dropped) await deleteEntries(bound, number);
}

/** Covers a page of documents more; whether there may be others. One step: what was read is noted before it can change. */
function buildPage(bound: BoundCollection, state: IndexState): boolean | Promise<boolean> {
  return runLoaded(bound.store, () => {
    if (state.builtTo === "") state.words?.begin(bound.engine.replica.flushed.count);
    const after = state.builtTo === "" ? {} : { after: state.builtTo };
    const rows = bound.records.page({ ...after, limit: BUILD_PAGE_DOCUMENTS });
    for (const row of rows) {
      if (state.words !== undefined) state.words.update(bound, row.id);
      else state.rows.change(row.id, [], state.index.keysOf(bound.document(row)));
    }
    const isLast = rows.length < BUILD_PAGE_DOCUMENTS;
    state.builtTo = isLast ? undefined : rows.at(-1)?.id;
    bound.catalogueChanged();
    return !isLast;
  });
}

async function deleteEntries(bound: BoundCollection, number: number): Promise<void> {
  const { context } = bound.engine;
  for (const prefix of [entryPrefix(context, number), wordsKey(context, number, "")]) await deleteRange(bound, prefix);
  bound.catalogueChanged(bound.dropped.filter((other) => other !== number));
  await bound.engine.commitRows();
}

async function deleteRange(bound: BoundCollection, prefix: Uint8Array): Promise<void> {
  const range: RangeOptions = { gte: prefix, lt: keyEnd(prefix), limit: DELETE_PAGE_ROWS };
  for (;;) {
    const batch = await runLoaded(bound.store, () => {
      const operations: WriteOperation[] = [];
      for (const [key] of bound.store.range(range)) operations.push({ kind: "delete", key: key.slice() });
      return operations;
    });
    if (batch.length > 0) await bound.store.commit(batch);
    if (batch.length < DELETE_PAGE_ROWS) return;
  }
}

function newState(
  engine: Engine,
  index: Index,
  number: number,
  fingerprint: string,
  builtTo: string | undefined,
): IndexState {
  const rows = new IndexRows(engine.store, entryPrefix(engine.context, number));
  const idsOf = (key: Uint8Array): readonly string[] =>
    rows.page(rows.range(key, keyEnd(key), false), VIOLATION_IDS_MAX).entries.map(({ id }) => id);
  const { follows } = index;
  const words = follows && new TextWords({ number, rows, field: follows.field });
  return { index, number, fingerprint, rows, words, builtTo, idsOf };
}

/** A hash of all that decides about a document's keys, as far as this program can tell. */
function fingerprintOf(schema: Schema, index: Index): string {
  const named = index.columns.map(({ name }) => name);
  const fields = schema.fields.filter(({ name }) => named.includes(`field ${name}`) || named[0]?.startsWith("index "));
  const parts = fields.map(({ name, kind, fallback }) => {
    const encoded = encodeValue((fallback ?? null) as Value);
    return `${JSON.stringify(name)} ${kind} ${encoded.ok ? bytesToHex(encoded.value) : ""}`;
  });
  return bytesToHex(sha256(utf8(`${index.fingerprint}\n${parts.join("\n")}`)));
}
