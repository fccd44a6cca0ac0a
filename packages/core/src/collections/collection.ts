/**
 * A collection of documents: the typed face of what the engine keeps.
 *
 * Writes resolve once they are durable; each call is one commit, whatever it changes. What is refused throws a
 * `CollectionError` with the place of the fault, and has changed nothing.
 */

import type { Views } from "../crdt/index.ts";
import { abortable } from "./abortable.ts";
import type { BoundCollection, ChangedIds, Violation } from "./bound-collection.ts";
import { CollectionError } from "./errors.ts";
import { CollectionAt } from "./history/collection-at.ts";
import type { Cover } from "./history/frontier.ts";
import {
  coverOf,
  type DocumentVersion,
  differenceBetween,
  type FieldDifference,
  type HistoryOptions,
  historyOf,
} from "./history/time-travel.ts";
import type { AnyDocument } from "./index/definition.ts";
import { countedAs, timedRead } from "./meters.ts";
import { pagesOf } from "./pages.ts";
import type { QueryOptions } from "./query/conditions.ts";
import { Query } from "./query/query.ts";
import type { ListEditor, ListReading } from "./schema/editors.ts";
import type { ChildKind, Fields } from "./schema/fields.ts";
import type { DocumentOf, EditorOf, HandleName, InputOf, PatchOf } from "./schema/infer.ts";
import { checkId, checkInput, handleOf } from "./schema/schema.ts";
import { exportLines, type ImportOptions, importLines } from "./transfer.ts";
import type { QueryOf } from "./types.ts";
import type { Change, CollectionWriter } from "./write/collection-writer.ts";

export interface CallOptions {
  /** Gives up waiting. A write that has begun goes on. */
  readonly signal?: AbortSignal;
}

type PatchWithId<F extends Fields> = PatchOf<F> & { readonly id: string };
type ChangeOf<F extends Fields> = PatchOf<F> | ((document: EditorOf<F>) => void);
/** How a container of a document is read. */
export type ViewOf<F extends Fields, N extends keyof F> =
  EditorAt<F, N> extends ListEditor<never, infer O>
    ? ListReading<O>
    : F[N]["kind"] extends infer T extends keyof Views
      ? Views[T]
      : never;
type EditorAt<F extends Fields, N extends keyof F> = NonNullable<F[N]["~types"]>["editor"];

export class Collection<F extends Fields, X> {
  readonly #bound: BoundCollection;

  /** Made by `Database.collection`. */
  constructor(bound: BoundCollection) {
    this.#bound = bound;
  }

  static boundOf<F extends Fields, X>(collection: Collection<F, X>): BoundCollection {
    return collection.#bound;
  }

  get name(): string {
    return this.#bound.schema.collection;
  }

  /** Resolves once all indexes are complete. Until then queries work without those that are not. */
  async indexed({ signal }: CallOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    await abortable(this.#bound.ready, signal);
  }

  async get(id: string, options: CallOptions = {}): Promise<DocumentOf<F> | undefined> {
    const [document] = await this.getMany([id], options);
    return document;
  }

  /** In the order of the ids; undefined for those that are not there. */
  async getMany(ids: Iterable<string>, { signal }: CallOptions = {}): Promise<(DocumentOf<F> | undefined)[]> {
    signal?.throwIfAborted();
    const checked = [...ids].map((id) => checkId(this.#bound.schema, id));
    const read = () => this.#bound.read(() => checked.map((id) => this.#bound.get(id)));
    const documents = timedRead(this.#bound.engine.meters?.get, checked.length, read);
    return (await abortable(documents, signal)) as (DocumentOf<F> | undefined)[];
  }

  async has(id: string, options: CallOptions = {}): Promise<boolean> {
    return (await this.get(id, options)) !== undefined;
  }

  /** The id, which is a new one when none was given. */
  async insert(input: InputOf<F>, options: CallOptions = {}): Promise<string> {
    const checked = checkInput(this.#bound.schema, input);
    return this.#write((writer) => writer.insertChecked(checked), options, "insert");
  }

  /** All or none, in one commit. The ids, in the order of the inputs. */
  async insertMany(inputs: Iterable<InputOf<F>>, options: CallOptions = {}): Promise<string[]> {
    const checked = each(inputs, (input) => checkInput(this.#bound.schema, input));
    return this.#write(
      (writer) => each(checked, (input) => writer.insertChecked(input)),
      options,
      "insert",
      checked.length,
    );
  }

  async update(id: string, change: ChangeOf<F>, options: CallOptions = {}): Promise<void> {
    return this.#write((writer) => writer.update(id, change as Change), options, "update");
  }

  /** The same change to many, or to each its own: all or none, in one commit. */
  async updateMany(ids: Iterable<string>, change: ChangeOf<F>, options?: CallOptions): Promise<void>;
  async updateMany(patches: Iterable<PatchWithId<F>>, options?: CallOptions): Promise<void>;
  async updateMany(
    items: Iterable<string | PatchWithId<F>>,
    changeOrOptions: ChangeOf<F> | CallOptions = {},
    callOptions: CallOptions = {},
  ): Promise<void> {
    const all = [...items];
    const isSame = typeof all[0] === "string";
    const options = isSame ? callOptions : (changeOrOptions as CallOptions);
    const run = (writer: CollectionWriter): void => {
      const update = writer.updater(changeOrOptions as Change);
      each(all, (item) => {
        if (typeof item === "string") update(item);
        else writer.update(item.id, item);
      });
    };
    await this.#write(run, options, "update", all.length);
  }

  /** Inserts; where the document is there, sets the given values, adds the given elements and amounts. */
  async upsert(input: InputOf<F>, options: CallOptions = {}): Promise<string> {
    const [id] = await this.upsertMany([input], options);
    return id as string;
  }

  async upsertMany(inputs: Iterable<InputOf<F>>, options: CallOptions = {}): Promise<string[]> {
    const checked = each(inputs, (input) => [checkInput(this.#bound.schema, input), input] as const);
    return this.#write(
      (writer) => each(checked, ([input, given]) => writer.upsertChecked(input, given)),
      options,
      "update",
      checked.length,
    );
  }

  /** Whether it was there. */
  async delete(id: string, options: CallOptions = {}): Promise<boolean> {
    return (await this.deleteMany([id], options)) === 1;
  }

  /** How many were there. */
  async deleteMany(ids: Iterable<string>, options: CallOptions = {}): Promise<number> {
    const all = [...ids];
    const run = (writer: CollectionWriter): number => each(all, (id) => writer.delete(id)).filter(Boolean).length;
    return this.#write(run, options, "delete", all.length);
  }

  /** How many documents there are. Kept with every commit, so it costs the same for all sizes. */
  async count({ signal }: CallOptions = {}): Promise<number> {
    signal?.throwIfAborted();
    this.#bound.assertOpen();
    return this.#bound.engine.counts.of(this.#bound.container);
  }

  query(options: QueryOf<DocumentOf<F>, X> = {}): Query<DocumentOf<F> & AnyDocument> {
    return new Query(this.#bound, options as QueryOptions);
  }

  /** Every document, by id, read by pages: what is written meanwhile may show or not. */
  async *scan({ signal }: CallOptions = {}): AsyncGenerator<DocumentOf<F>, void, undefined> {
    for await (const page of pagesOf(this.#bound, signal)) {
      for (const row of page) yield this.#bound.document(row) as DocumentOf<F>;
    }
  }

  /**
   * Reads a text or another container of a document; undefined when there is no such document or nothing was written.
   * `run` may run several times, when what it reads must be loaded first.
   */
  async read<N extends HandleName<F>, T>(
    id: string,
    field: N,
    run: (view: ViewOf<F, N>) => T,
    { signal }: CallOptions = {},
  ): Promise<T | undefined> {
    const { kind } = handleOf(this.#bound.schema, field);
    checkId(this.#bound.schema, id);
    signal?.throwIfAborted();
    const result = this.#bound.read(() => {
      const view = this.#bound.records.child(kind as ChildKind, id, field);
      return view === undefined ? undefined : run(view as ViewOf<F, N>);
    });
    return abortable(result, signal);
  }

  /** Keeps a document in memory until it is disposed of; undefined when there is none. */
  async pin(id: string, { signal }: CallOptions = {}): Promise<Disposable | undefined> {
    checkId(this.#bound.schema, id);
    signal?.throwIfAborted();
    const pinned = this.#bound.read(() => this.#bound.records.pin(id));
    return abortable(pinned, signal).catch((thrown: unknown) => {
      // Nobody is left who could dispose of it.
      void pinned.then((pin) => pin?.[Symbol.dispose]()).catch(() => {});
      throw thrown;
    });
  }

  /** Tells after each commit which documents it changed, whoever made it; "all" for one of another tab. */
  onChange(listener: (ids: ChangedIds) => void): Disposable {
    this.#bound.assertOpen();
    const told = (ids: ChangedIds | undefined): void => {
      if (ids !== undefined) listener(ids);
    };
    this.#bound.listeners.add(told);
    return { [Symbol.dispose]: () => this.#bound.listeners.delete(told) };
  }

  /**
   * Tells after a commit of documents that have come to share a key of a unique index. Members may write at the same
   * time without knowing of each other, so a collection cannot refuse: it reports, and the program decides.
   */
  onViolation(listener: (violation: Violation) => void): Disposable {
    this.#bound.violationListeners.add(listener);
    return { [Symbol.dispose]: () => this.#bound.violationListeners.delete(listener) };
  }

  /** All documents that share a key of the unique index. */
  async violations(index: keyof X & string, { signal }: CallOptions = {}): Promise<Violation[]> {
    const state = this.#bound.indexes.get(index);
    if (state?.index.isUnique !== true) {
      throw new CollectionError("QUERY_INVALID", `${JSON.stringify(index)} is no unique index`, {
        collection: this.name,
      });
    }
    await this.indexed({ ...(signal && { signal }) });
    const groups = await abortable(
      this.#bound.read(() => state.rows.groups()),
      signal,
    );
    return groups.map((ids) => ({ index, ids }));
  }

  /**
   * The collection as it was at a version of the database: one of `db.version()`, of `history`, or a feed's cursor.
   * Throws `CURSOR_INVALID` for what this copy does not hold.
   */
  at(version: string): CollectionAt<F> {
    this.#bound.assertOpen();
    return new CollectionAt(this.#bound, coverOf(this.#bound.engine, version));
  }

  /** The fields of a document that showed another value at another version; all of them where one had no document. */
  async diff(
    id: string,
    from: string,
    to: string,
    { signal }: CallOptions = {},
  ): Promise<{ readonly [N in keyof F]?: FieldDifference }> {
    this.#bound.assertOpen();
    checkId(this.#bound.schema, id);
    const [before, after] = [from, to].map((version) => coverOf(this.#bound.engine, version)) as [Cover, Cover];
    const fields = await differenceBetween(this.#bound, id, [before, after], signal);
    return fields as { readonly [N in keyof F]?: FieldDifference };
  }

  /** The versions at which a document changed here, newest first, by pages. */
  async history(id: string, options: HistoryOptions = {}): Promise<DocumentVersion[]> {
    this.#bound.assertOpen();
    checkId(this.#bound.schema, id);
    return historyOf(this.#bound, id, options);
  }

  /** A header, and then each document, as lines of JSON without their ends. */
  exportLines(options: CallOptions = {}): AsyncGenerator<string, void, undefined> {
    return exportLines(this.#bound, options.signal);
  }

  /** Writes exported lines, by pages of some hundred documents. How many were written. */
  importLines(lines: Iterable<string> | AsyncIterable<string>, options: ImportOptions = {}): Promise<number> {
    return importLines(this.#bound, lines, options);
  }

  #write<T>(
    run: (writer: CollectionWriter) => T,
    { signal }: CallOptions,
    kind: "insert" | "update" | "delete",
    items = 1,
  ): Promise<T> {
    this.#bound.assertOpen();
    const { engine } = this.#bound;
    const counted = countedAs(engine.meters?.[kind], items);
    return engine.write((transaction) => run(this.#bound.writer(transaction)), signal, counted);
  }
}

/** Each item's outcome; a refusal is told with the place of its item. */
function each<T, R>(items: Iterable<T>, run: (item: T) => R): R[] {
  const results: R[] = [];
  for (const item of items) {
    try {
      results.push(run(item));
    } catch (thrown) {
      if (thrown instanceof CollectionError) throw thrown.at({ index: results.length });
      throw thrown;
    }
  }
  return results;
}
