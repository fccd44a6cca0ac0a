/**
 * One collection as the engine keeps it: its records, its schema, its indexes with what waits for a commit, and who is
 * to be told of changes. `Collection` is its typed face.
 */
import { type ContainerId, compareBytes, type KeyValueStore, runLoaded, type WriteOperation } from "../base/index.ts";
import type { RecordCell, RecordRow, RecordsView, Transaction, Views } from "../crdt/index.ts";
import { DocumentReader } from "./documents.ts";
import type { Engine } from "./engine.ts";
import { CollectionError } from "./errors.ts";
import { buildIndexes, type IndexState, openIndexes } from "./index/build.ts";
import { type CatalogueRow, encodeCatalogue } from "./index/catalogue.ts";
import type { AnyDocument, FollowedText, Index } from "./index/definition.ts";
import { catalogueKey, staleKey } from "./index/rows.ts";
import type { ReadyIndex } from "./query/plan.ts";
import type { QuerySource } from "./query/run.ts";
import type { Schema } from "./schema/schema.ts";
import { checkStoredSchema } from "./schema/stored-schema.ts";
import { CollectionWriter } from "./write/collection-writer.ts";
import { createEditors, type OpenEditor } from "./write/editor.ts";

export interface BoundParts {
  readonly container: ContainerId;
  readonly schema: Schema;
  readonly indexes: readonly Index[];
  readonly stored: CatalogueRow | undefined;
  /** Records changed while nobody kept the stored indexes. */
  readonly isStale: boolean;
}

/** The documents that changed, by id; "all" when any may have. */
export type ChangedIds = ReadonlySet<string> | "all";

/** Told after a commit of what changed; undefined when the collection is closed. */
export type ChangeListener = (ids: ChangedIds | undefined) => void;

/** Documents that share a key of a unique index. */
export interface Violation {
  readonly index: string;
  readonly ids: readonly string[];
}

const NO_KEYS: readonly Uint8Array[] = [];

export class BoundCollection implements QuerySource {
  readonly schema: Schema;
  readonly engine: Engine;
  readonly container: ContainerId;
  readonly reader: DocumentReader;
  readonly indexes: ReadonlyMap<string, IndexState>;
  /** Resolves once every index is complete. */
  readonly ready: Promise<void>;
  readonly listeners: Set<ChangeListener> = new Set();
  readonly violationListeners: Set<(violation: Violation) => void> = new Set();
  readonly #openEditor: OpenEditor;
  readonly #writers = new WeakMap<Transaction, CollectionWriter>();
  readonly #indexList: readonly IndexState[];
  #version = 0;
  #touched = new Set<string>();
  #isAllTouched = false;
  #unique: { readonly state: IndexState; readonly key: Uint8Array }[] = [];
  #dropped: number[];
  #isCatalogueDirty: boolean;
  #isStale: boolean;
  #isClosed = false;

  /** Throws when the schema does not fit the stored one. */
  constructor(engine: Engine, parts: BoundParts) {
    const { stored, schema } = parts;
    const isNewSchema = checkStoredSchema(schema, stored);
    this.engine = engine;
    this.schema = schema;
    this.container = parts.container;
    this.reader = new DocumentReader(schema);
    this.#openEditor = createEditors(schema);
    const opened = openIndexes(engine, parts);
    this.#indexList = opened.states;
    this.indexes = new Map(opened.states.map((state) => [state.index.name, state]));
    for (const { index } of opened.states) if (index.follows !== undefined) this.#follow(index.follows);
    this.#dropped = [...opened.dropped];
    this.#isStale = parts.isStale;
    this.#isCatalogueDirty = isNewSchema || parts.isStale || opened.isChanged;
    this.ready = buildIndexes(this, opened.states);
    // Whoever waits for it hears of a failure; nobody has to.
    this.ready.catch(() => {});
  }

  get store(): KeyValueStore {
    return this.engine.store;
  }

  get version(): number {
    return this.#version;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  get dropped(): readonly number[] {
    return this.#dropped;
  }

  get records(): RecordsView<Views> {
    return this.engine.replica.document.field("records", this.schema.collection);
  }

  get(id: string): AnyDocument | undefined {
    const cell = this.records.get(id);
    return cell && this.reader.read(id, cell);
  }

  page(options: { after?: string; before?: string; limit: number; reverse: boolean }): readonly RecordRow[] {
    return this.records.page(options);
  }

  document({ id, record }: RecordRow): AnyDocument {
    return this.reader.read(id, record);
  }

  /** The indexes that can answer: complete ones. */
  readyIndexes(): ReadyIndex[] {
    const ready = this.#indexList.filter((state) => state.builtTo === undefined);
    return ready.map(({ index, rows, words }) => ({ index, rows, catchUp: words && (() => words.catchUp(this)) }));
  }

  /** The writes of a transaction to this collection. */
  writer(transaction: Transaction): CollectionWriter {
    const known = this.#writers.get(transaction);
    if (known !== undefined) return known;
    const { schema, reader } = this;
    const records = transaction.field("records", schema.collection);
    const writer = new CollectionWriter({
      schema,
      reader,
      records,
      openEditor: this.#openEditor,
      newId: this.engine.newId,
    });
    this.#writers.set(transaction, writer);
    return writer;
  }

  /** Runs a read, loading what it misses. */
  async read<T>(run: () => T): Promise<T> {
    this.assertOpen();
    return runLoaded(this.store, run);
  }

  assertOpen(): void {
    if (this.#isClosed) throw new CollectionError("DATABASE_CLOSED", "the database was closed");
  }

  onRecord(id: string, before: RecordCell | undefined, after: RecordCell): void {
    this.#version++;
    if (this.listeners.size > 0) this.#touched.add(id);
    if (this.#indexList.length === 0) return;
    const old = before === undefined || before.deleted !== undefined ? undefined : this.reader.glance(id, before);
    const now = after.deleted === undefined ? this.reader.glance(id, after) : undefined;
    for (const state of this.#indexList) {
      if (state.words !== undefined) continue;
      const oldKeys = old === undefined ? NO_KEYS : state.index.keysOf(old);
      const newKeys = now === undefined ? NO_KEYS : state.index.keysOf(now);
      state.rows.change(id, oldKeys, newKeys);
      if (state.index.isUnique) for (const key of newKeys) this.#unique.push({ state, key });
    }
  }

  /** A container of the document changed: a text, a list. May throw a `Miss`. */
  onContent(id: string): void {
    const cell = this.records.get(id);
    if (cell === undefined) return;
    this.reader.forget(cell);
    this.#version++;
    this.#touched.add(id);
  }

  /** The store has the entries of what others committed, and any document may have changed. */
  onForeign(): void {
    this.#version++;
    for (const { rows, words } of this.#indexList) {
      rows.forget();
      words?.forget();
    }
    this.#unique = [];
    this.#isAllTouched = true;
  }

  takeRows(into: WriteOperation[]): void {
    const { context } = this.engine;
    for (const { rows, words } of this.#indexList) {
      rows.takeRows(into);
      words?.takeRows(context, into);
    }
    if (this.#isStale) into.push({ kind: "delete", key: staleKey(context, this.container) });
    if (this.#isCatalogueDirty) {
      into.push({
        kind: "put",
        key: catalogueKey(context, this.container),
        value: encodeCatalogue(this.#catalogueRow()),
      });
    }
    this.#isStale = false;
    this.#isCatalogueDirty = false;
  }

  /** An index got further, or rows of an old one are gone. */
  catalogueChanged(dropped: readonly number[] = this.#dropped): void {
    this.#dropped = [...dropped];
    this.#isCatalogueDirty = true;
  }

  /** After a commit: tells of what changed since the last. */
  notify(): void {
    if (this.#touched.size > 0 || this.#isAllTouched) {
      const ids = this.#isAllTouched ? "all" : this.#touched;
      this.#touched = new Set();
      this.#isAllTouched = false;
      for (const listener of [...this.listeners]) listener(ids);
    }
    const unique = this.#unique;
    if (unique.length === 0) return;
    this.#unique = [];
    if (this.violationListeners.size > 0) this.#reportViolations(unique);
  }

  close(): void {
    this.#isClosed = true;
    for (const listener of [...this.listeners]) listener(undefined);
    this.listeners.clear();
  }

  #follow(text: FollowedText): void {
    text.read = (id) => this.records.child("text", id, text.field)?.toString();
  }

  #reportViolations(written: readonly { readonly state: IndexState; readonly key: Uint8Array }[]): void {
    const sorted = written.toSorted((a, b) => compareBytes(a.key, b.key));
    const distinct = sorted.filter(({ state, key }, i) => {
      const last = sorted[i - 1];
      return last === undefined || last.state !== state || compareBytes(last.key, key) !== 0;
    });
    const found = runLoaded(this.store, () =>
      distinct.flatMap(({ state, key }) => {
        const ids = state.idsOf(key);
        return ids.length > 1 ? [{ index: state.index.name, ids }] : [];
      }),
    );
    const tell = (violations: readonly Violation[]): void => {
      for (const violation of violations) for (const listener of [...this.violationListeners]) listener(violation);
    };
    if (found instanceof Promise) found.then(tell, () => {});
    else tell(found);
  }

  #catalogueRow(): CatalogueRow {
    const { schema } = this;
    const byName = (a: { readonly name: string }, b: { readonly name: string }): number => (a.name < b.name ? -1 : 1);
    return {
      version: schema.version,
      fields: schema.fields.map(({ name, kind }) => ({ name, kind })).sort(byName),
      indexes: this.#indexList
        .map(({ index, number, fingerprint, builtTo }) => ({ name: index.name, number, fingerprint, builtTo }))
        .sort(byName),
      dropped: this.#dropped.toSorted((a, b) => a - b),
    };
  }
}
