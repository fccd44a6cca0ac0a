/**
 * Records: documents by id, each one cell of fields. A view reads; a writer inserts, edits and deletes within a
 * transaction. Children (texts, lists, maps, ...) are containers of their own, named by their document, its generation
 * and the field, so they come and go with it.
 */
import { assert, utf8 } from "../../base/index.ts";
import { GENERATION_ZERO, type Generation } from "../cell-key.ts";
import type { ContainerType } from "../container-type.ts";
import type { ContainerWriter } from "../containers/container.ts";
import type { Content } from "../content.ts";
import type { HandleHost, Views, WriterHost, Writers } from "../handles/handles.ts";
import type { ContainerJoins } from "../joins/joins.ts";
import type { Origin } from "../origin.ts";
import { WriteRefused } from "../refusal.ts";
import { DraftFields } from "./draft-fields.ts";
import type { FieldCells, FieldKind } from "./fields/fields.ts";
import { LastField } from "./fields/last-field.ts";
import { RECORD_BYTES_MAX, RECORD_ID_BYTES_MAX } from "./limits.ts";
import { childContainerId, childOf, childTypes } from "./read-record.ts";
import type { RecordDraft, RecordEntry } from "./record-cache.ts";
import { comparePairs, createDeleted, createDocument, fieldOf, type RecordCell } from "./record-cell.ts";
import { RecordChanges } from "./record-changes.ts";
import { type EditorHost, RecordEditor } from "./record-editor.ts";
import type { PageOptions, RecordRow } from "./record-page.ts";
import { NO_FIELDS } from "./record-shape.ts";
import type { RecordsContainer } from "./records-container.ts";

const NO_CELLS: readonly unknown[] = [];

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
  /** What the transaction has done, document by document. */
  #drafts: RecordDraft[] = [];
  /** The document that is being written in, field after field; its record is made when another one's turn comes. */
  #open: RecordDraft | undefined;
  readonly #fields = new DraftFields();
  #lastField: LastField | undefined;

  constructor(host: WriterHost, target: RecordsContainer) {
    super(host, target);
    this.#host = host;
  }

  get origin(): Origin {
    return this.#host.origin;
  }

  override get(id: string): RecordCell | undefined {
    this.#seal();
    return super.get(id);
  }

  override page(options: PageOptions): RecordRow[] {
    this.#seal();
    return super.page(options);
  }

  /** A new and empty document. Refused when one is there. */
  insert(id: string): RecordEditor {
    checkId(id);
    this.#seal();
    const draft = this.#draftOf(this.target.open(id));
    if (isThere(draft.entry.cell)) {
      throw new WriteRefused("RECORD_EXISTS", "a document with this id is there: edit it, or delete it first");
    }
    draft.entry.cell = createDocument(nextGeneration(draft.base, this.origin), NO_FIELDS, NO_CELLS);
    return new RecordEditor(this, draft);
  }

  /** Refused when no document with this id is there. */
  edit(id: string): RecordEditor {
    this.#seal();
    const entry = this.target.find(id);
    if (entry === undefined || !isThere(entry.cell)) throw missing();
    return new RecordEditor(this, this.#draftOf(entry));
  }

  /** Whether it was there. */
  delete(id: string): boolean {
    this.#seal();
    const entry = this.target.find(id);
    const found = entry?.cell;
    if (entry === undefined || !isThere(found)) return false;
    const draft = this.#draftOf(entry);
    this.#discardChildren(id, found);
    this.#host.observer?.onDelete(this, id, found);
    const { base } = draft;
    const { stamp, actor } = this.origin;
    // What this transaction inserted itself was never there.
    const isOwn = base === undefined || base.deleted !== undefined;
    draft.entry.cell = isOwn ? base : createDeleted(base.generation, { stamp, actor });
    return true;
  }

  /** Documents that are given the same share it. */
  lastField(content: Content): LastField {
    const known = this.#lastField;
    if (known !== undefined && known.content === content) return known;
    this.#lastField = new LastField(content, this.origin);
    return this.#lastField;
  }

  fieldOf<K extends FieldKind>(editor: RecordEditor, kind: K, name: string): FieldCells[K] | undefined {
    return this.#fieldsOf(editor).get(kind, name);
  }

  baseOf<K extends FieldKind>(editor: RecordEditor, kind: K, name: string): FieldCells[K] | undefined {
    const { base, entry } = this.#current(editor);
    if (!isThere(base)) return undefined;
    return comparePairs(base.generation, live(entry).generation) === 0 ? fieldOf(base, kind, name) : undefined;
  }

  put<K extends FieldKind>(editor: RecordEditor, kind: K, name: string, cell: FieldCells[K], bytes: number): void {
    const fields = this.#fieldsOf(editor);
    const { draft } = editor;
    if (draft.bytes + bytes > RECORD_BYTES_MAX) {
      throw new WriteRefused(
        "VALUE_TOO_LARGE",
        `a document has at most ${RECORD_BYTES_MAX} bytes: use a text or a list`,
      );
    }
    draft.bytes += bytes;
    fields.put(kind, name, cell);
  }

  childWriter<T extends ContainerType>(type: T, editor: RecordEditor, name: string): Writers[T] {
    const { id } = editor;
    const child = childContainerId(this.target.id, id, live(this.#current(editor).entry), type, name);
    this.#host.observer?.onChild(this, id, name, type, child);
    return this.#host.resolve(type, child);
  }

  joins(): ContainerJoins | undefined {
    this.#seal();
    const changes = new RecordChanges(this.origin);
    for (const { entry, base } of this.#drafts) {
      if (entry.cell === base || entry.cell === undefined) continue;
      if (!changes.add(entry.id, base, entry.cell)) entry.cell = base;
    }
    const joins = changes.toJoins();
    return joins && { type: "records", name: this.target.fieldName ?? this.target.id, joins };
  }

  commit(): void {
    for (const { entry, base } of this.#drafts) {
      entry.draft = undefined;
      if (entry.cell !== undefined && entry.cell !== base) {
        this.target.changed(entry, base);
        this.#host.observer?.onRecord(this, entry.id, base, entry.cell);
      }
      this.target.close(entry);
    }
  }

  undo(): void {
    this.#seal();
    for (const { entry, base } of this.#drafts) {
      if (entry.cell !== undefined) this.#discardChildren(entry.id, entry.cell);
      entry.cell = base;
      entry.draft = undefined;
      this.target.close(entry);
    }
    this.#drafts = [];
  }

  #draftOf(entry: RecordEntry): RecordDraft {
    this.#host.assertOpen();
    if (entry.draft !== undefined) return entry.draft;
    this.target.pin(entry);
    const base = entry.cell;
    assert(
      base === undefined || comparePairs(base.generation, this.origin) < 0,
      "a transaction comes after all it sees",
    );
    const draft: RecordDraft = { entry, base, bytes: entry.encodedBytes };
    entry.draft = draft;
    this.#drafts.push(draft);
    this.#host.record(this);
    return draft;
  }

  /** What the transaction has done to an editor's document: a new draft when the one before was taken back. */
  #current(editor: RecordEditor): RecordDraft {
    this.#host.assertOpen();
    if (editor.draft.entry.draft !== editor.draft) editor.draft = this.#draftOf(this.target.open(editor.id));
    return editor.draft;
  }

  /** The fields of an editor's document, to be changed in place. Refuses when it is not there any more. */
  #fieldsOf(editor: RecordEditor): DraftFields {
    const draft = this.#current(editor);
    if (this.#open === draft) return this.#fields;
    this.#seal();
    this.#fields.begin(live(draft.entry));
    this.#open = draft;
    return this.#fields;
  }

  /** Makes the record of the document that was being written in. */
  #seal(): void {
    if (this.#open === undefined) return;
    this.#open.entry.cell = this.#fields.end();
    this.#open = undefined;
  }

  /** What this transaction put into children goes with them: inserted again, they would have the same ids. */
  #discardChildren(id: string, cell: RecordCell): void {
    if (!cell.shape.hasChildren) return;
    for (const { kind, name } of cell.shape.fields) {
      if (kind !== "child") continue;
      for (const type of childTypes(cell, name)) {
        this.#host.discard(type, childContainerId(this.target.id, id, cell, type, name));
      }
    }
  }
}

/** The generation of a document that is inserted where `base` was before the transaction. */
function nextGeneration(base: RecordCell | undefined, { stamp, actor }: Origin): Generation {
  if (base === undefined) return GENERATION_ZERO;
  return base.deleted ?? { stamp, actor };
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
