/**
 * Records: documents by id, each one cell of fields. A view reads; a writer inserts, edits and deletes within a
 * transaction. Children (texts, lists, maps, ...) are containers of their own, named by their document, its generation
 * and the field, so they come and go with it.
 */
import { assert, utf8 } from "../../base/index.ts";
import { GENERATION_ZERO, type Generation } from "../cell-key.ts";
import type { ContainerType } from "../container-type.ts";
import type { ContainerWriter } from "../containers/container.ts";
import type { HandleHost, Views, WriterHost, Writers } from "../handles/handles.ts";
import type { ContainerJoins } from "../joins/joins.ts";
import type { Origin } from "../origin.ts";
import { WriteRefused } from "../refusal.ts";
import type { FieldCells, FieldKind } from "./fields/fields.ts";
import { RECORD_BYTES_MAX, RECORD_FIELDS_MAX, RECORD_ID_BYTES_MAX } from "./limits.ts";
import { childContainerId, childOf, childTypes } from "./read-record.ts";
import type { RecordEntry } from "./record-cache.ts";
import { compareFields, comparePairs, createField, fieldOf, type RecordCell, type RecordField } from "./record-cell.ts";
import { RecordChanges } from "./record-changes.ts";
import { type EditorHost, RecordEditor } from "./record-editor.ts";
import type { PageOptions, RecordRow } from "./record-page.ts";
import type { RecordsContainer } from "./records-container.ts";

/** What one transaction has done to one document. */
interface Draft {
  readonly entry: RecordEntry;
  readonly base: RecordCell | undefined;
  /** Those of the entry's cell, to be changed in place; undefined when somebody else may hold that cell. */
  fields: RecordField[] | undefined;
  /** About how long the document is when encoded. */
  bytes: number;
}

export class RecordsView<H extends Views> {
  readonly target: RecordsContainer;
  protected readonly handles: HandleHost<H>;

  constructor(handles: HandleHost<H>, target: RecordsContainer) {
    this.handles = handles;
    this.target = target;
  }

  /** The document; undefined when there is none, or none any more. */
  get(id: string): RecordCell | undefined {
    const cell = this.target.get(id);
    return cell?.deleted === undefined ? cell : undefined;
  }

  has(id: string): boolean {
    return this.get(id) !== undefined;
  }

  /** Up to `limit` documents, in order of the UTF-8 of their ids. Does not fill the cache. */
  page(options: PageOptions): RecordRow[] {
    return this.target.page(options);
  }

  /** The container of this type under a field's name; undefined when none was put there. */
  child<T extends ContainerType>(type: T, id: string, name: string): H[T] | undefined {
    const cell = this.get(id);
    const container = cell && childOf(this.target.id, id, cell, type, name);
    return container && this.handles.resolve(type, container);
  }

  /** Keeps a document in memory until the pin is disposed of; undefined when there is none. */
  pin(id: string): Disposable | undefined {
    const entry = this.target.find(id);
    if (entry === undefined || entry.cell?.deleted !== undefined) return undefined;
    this.target.pin(entry);
    let isPinned = true;
    return {
      [Symbol.dispose]: () => {
        if (isPinned) this.target.unpin(entry);
        isPinned = false;
      },
    };
  }
}

export class RecordsWriter extends RecordsView<Writers> implements ContainerWriter, EditorHost {
  isTouched = false;
  readonly #host: WriterHost;
  readonly #drafts = new Map<string, Draft>();
  /** The draft that was asked for last: the fields of a document are written one after another. */
  #last: Draft | undefined;

  constructor(host: WriterHost, target: RecordsContainer) {
    super(host, target);
    this.#host = host;
  }

  get origin(): Origin {
    return this.#host.origin;
  }

  override get(id: string): RecordCell | undefined {
    const draft = this.#drafts.get(id);
    if (draft !== undefined) draft.fields = undefined;
    return super.get(id);
  }

  override page(options: PageOptions): RecordRow[] {
    for (const draft of this.#drafts.values()) draft.fields = undefined;
    return super.page(options);
  }

  /** A new and empty document. Refused when one is there. */
  insert(id: string): RecordEditor {
    checkId(id);
    const draft = this.#draft(id);
    if (isThere(draft.entry.cell)) {
      throw new WriteRefused("RECORD_EXISTS", "a document with this id is there: edit it, or delete it first");
    }
    draft.fields = [];
    draft.entry.cell = {
      generation: nextGeneration(draft.base, this.origin),
      deleted: undefined,
      fields: draft.fields,
    };
    return new RecordEditor(this, id);
  }

  /** Refused when no document with this id is there. */
  edit(id: string): RecordEditor {
    if (!this.has(id)) throw missing();
    return new RecordEditor(this, id);
  }

  /** Whether it was there. */
  delete(id: string): boolean {
    const found = this.target.get(id);
    if (found === undefined || found.deleted !== undefined) return false;
    const draft = this.#draft(id);
    this.#discardChildren(id, found);
    this.#host.observer?.onDelete(this, id, found);
    const { base } = draft;
    const { stamp, actor } = this.origin;
    // What this transaction inserted itself was never there.
    const isOwn = base === undefined || base.deleted !== undefined;
    draft.fields = undefined;
    draft.entry.cell = isOwn ? base : { generation: base.generation, deleted: { stamp, actor }, fields: [] };
    return true;
  }

  fieldOf<K extends FieldKind>(id: string, kind: K, name: string): FieldCells[K] | undefined {
    // Pinned first: a field is compared with the base by identity, so both are of one decoding.
    return fieldOf(live(this.#draft(id).entry), kind, name);
  }

  baseOf<K extends FieldKind>(id: string, kind: K, name: string): FieldCells[K] | undefined {
    const { base, entry } = this.#draft(id);
    if (!isThere(base)) return undefined;
    return comparePairs(base.generation, live(entry).generation) === 0 ? fieldOf(base, kind, name) : undefined;
  }

  put<K extends FieldKind>(id: string, kind: K, name: string, cell: FieldCells[K], bytes: number): void {
    const draft = this.#draft(id);
    const { generation, fields } = live(draft.entry);
    if (draft.bytes + bytes > RECORD_BYTES_MAX) {
      throw new WriteRefused(
        "VALUE_TOO_LARGE",
        `a document has at most ${RECORD_BYTES_MAX} bytes: use a text or a list`,
      );
    }
    draft.bytes += bytes;
    if (draft.fields === undefined) {
      draft.fields = fields.slice();
      draft.entry.cell = { generation, deleted: undefined, fields: draft.fields };
    }
    putField(draft.fields, createField(kind, name, cell));
  }

  childWriter<T extends ContainerType>(type: T, id: string, name: string): Writers[T] {
    const child = childContainerId(this.target.id, id, live(this.#draft(id).entry), type, name);
    this.#host.observer?.onChild(this, id, name, type, child);
    return this.#host.resolve(type, child);
  }

  joins(): ContainerJoins | undefined {
    const changes = new RecordChanges(this.origin);
    for (const { entry, base } of this.#drafts.values()) {
      if (entry.cell === base || entry.cell === undefined) continue;
      if (!changes.add(entry.id, base, entry.cell)) entry.cell = base;
    }
    const joins = changes.toJoins();
    return joins && { type: "records", name: this.target.fieldName ?? this.target.id, joins };
  }

  commit(): void {
    for (const { entry, base } of this.#drafts.values()) {
      if (entry.cell !== undefined && entry.cell !== base) {
        this.target.changed(entry, base);
        this.#host.observer?.onRecord(this, entry.id, base, entry.cell);
      }
      this.target.close(entry);
    }
  }

  undo(): void {
    for (const { entry, base } of this.#drafts.values()) {
      if (entry.cell !== undefined) this.#discardChildren(entry.id, entry.cell);
      entry.cell = base;
      this.target.close(entry);
    }
    this.#drafts.clear();
    this.#last = undefined;
  }

  #draft(id: string): Draft {
    this.#host.assertOpen();
    if (this.#last?.entry.id === id) return this.#last;
    const known = this.#drafts.get(id);
    if (known !== undefined) {
      this.#last = known;
      return known;
    }
    const entry = this.target.open(id);
    const base = entry.cell;
    assert(
      base === undefined || comparePairs(base.generation, this.origin) < 0,
      "a transaction comes after all it sees",
    );
    const draft: Draft = { entry, base, fields: undefined, bytes: entry.encodedBytes };
    this.#drafts.set(id, draft);
    this.#last = draft;
    this.#host.record(this);
    return draft;
  }

  /** What this transaction put into children goes with them: inserted again, they would have the same ids. */
  #discardChildren(id: string, cell: RecordCell): void {
    for (const field of cell.fields) {
      if (field.kind !== "child") continue;
      for (const type of childTypes(cell, field.name)) {
        this.#host.discard(type, childContainerId(this.target.id, id, cell, type, field.name));
      }
    }
  }
}

/** The generation of a document that is inserted where `base` was before the transaction. */
function nextGeneration(base: RecordCell | undefined, { stamp, actor }: Origin): Generation {
  if (base === undefined) return GENERATION_ZERO;
  return base.deleted ?? { stamp, actor };
}

function putField(fields: RecordField[], field: RecordField): void {
  let place = fields.length;
  const last = fields[place - 1];
  // The common case, and a splice makes an array of what it takes out.
  const isAppended = last === undefined || (last.name !== field.name && compareFields(last, field) < 0);
  if (isAppended && place < RECORD_FIELDS_MAX && !isEmptySet(field)) {
    fields.push(field);
    return;
  }
  while (place > 0 && compareFields(fields[place - 1] as RecordField, field) >= 0) place--;
  const known = fields[place];
  const isKnown = known !== undefined && compareFields(known, field) === 0;
  // A set whose only element came and went in one transaction: an empty field has no encoding.
  if (isEmptySet(field)) fields.splice(place, isKnown ? 1 : 0);
  else if (isKnown) fields[place] = field;
  else if (fields.length < RECORD_FIELDS_MAX) fields.splice(place, 0, field);
  else throw new WriteRefused("VALUE_TOO_LARGE", `a document has at most ${RECORD_FIELDS_MAX} fields`);
}

function isEmptySet({ cell }: RecordField): boolean {
  return Array.isArray(cell) && cell.length === 0;
}

function isThere(cell: RecordCell | undefined): cell is RecordCell {
  return cell !== undefined && cell.deleted === undefined;
}

/** The document as the transaction sees it; refuses when it is not there. */
function live({ cell }: RecordEntry): RecordCell {
  if (!isThere(cell)) throw missing();
  return cell;
}

function missing(): WriteRefused {
  return new WriteRefused("RECORD_MISSING", "no document with this id is there");
}

function checkId(id: string): void {
  if (typeof id !== "string" || id === "" || !id.isWellFormed()) {
    throw new WriteRefused("KEY_INVALID", "a document's id is well-formed text, and not empty");
  }
  if (id.length * 3 <= RECORD_ID_BYTES_MAX || utf8(id).length <= RECORD_ID_BYTES_MAX) return;
  throw new WriteRefused("KEY_TOO_LONG", `a document's id has at most ${RECORD_ID_BYTES_MAX} bytes of UTF-8`);
}
