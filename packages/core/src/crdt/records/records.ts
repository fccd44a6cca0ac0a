/**
 * Records: documents by id, each one cell of fields. A view reads; a writer inserts, edits and deletes within a
 * transaction. Children (texts, lists, maps, ...) are containers of their own, named by their document, its generation
 * and the field, so they come and go with it.
 */
import { assert, must, utf8 } from "../../base/index.ts";
import { GENERATION_ZERO, type Generation } from "../cell-key.ts";
import type { ContainerType } from "../container-type.ts";
import type { ContainerWriter } from "../containers/container.ts";
import { NO_SLOT } from "../containers/key-index.ts";
import type { Content } from "../content.ts";
import type { HandleHost, Views, WriterHost, Writers } from "../handles/handles.ts";
import type { ContainerJoins } from "../joins/joins.ts";
import type { Origin } from "../origin.ts";
import { WriteRefused } from "../refusal.ts";
import { DraftFields } from "./draft-fields.ts";
import type { FieldCells, FieldKind } from "./fields/fields.ts";
import { RECORD_BYTES_MAX, RECORD_ID_BYTES_MAX } from "./limits.ts";
import { childContainerId, childOf, childTypes } from "./read-record.ts";
import { comparePairs, fieldOf, type RecordCell } from "./record-cell.ts";
import { RecordChanges } from "./record-changes.ts";
import { type EditorHost, type RecordDraft, RecordEditor } from "./record-editor.ts";
import { createDeleted, OpenFields } from "./record-layout.ts";
import type { PageOptions, RecordRow } from "./record-page.ts";
import { NO_FIELDS } from "./record-shape.ts";
import type { RecordsContainer } from "./records-container.ts";

const noFields = new OpenFields();

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
    const slot = this.target.find(id);
    if (slot === NO_SLOT || this.target.records.cellAt(slot)?.deleted !== undefined) return undefined;
    this.target.pin(slot);
    let isPinned = true;
    return {
      [Symbol.dispose]: () => {
        if (isPinned) this.target.unpin(slot);
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
  #draftBySlot: Map<number, RecordDraft> | undefined;
  /** The document that is being written in, field after field; its record is made when another one's turn comes. */
  #open: RecordDraft | undefined;
  readonly #fields = new DraftFields();

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
    if (isThere(this.#cellOf(draft))) {
      throw new WriteRefused("RECORD_EXISTS", "a document with this id is there: edit it, or delete it first");
    }
    this.target.records.put(draft.slot, noFields.close(nextGeneration(draft.base, this.origin), NO_FIELDS));
    return new RecordEditor(this, draft);
  }

  /** Refused when no document with this id is there. */
  edit(id: string): RecordEditor {
    this.#seal();
    const slot = this.target.find(id);
    if (slot === NO_SLOT || !isThere(this.target.records.cellAt(slot))) throw missing();
    return new RecordEditor(this, this.#draftOf(slot));
  }

  /** Whether it was there. */
  delete(id: string): boolean {
    this.#seal();
    const slot = this.target.find(id);
    const found = slot === NO_SLOT ? undefined : this.target.records.cellAt(slot);
    if (!isThere(found)) return false;
    const draft = this.#draftOf(slot);
    this.#discardChildren(id, found);
    this.#host.observer?.onDelete(this, id, found);
    const { base } = draft;
    const { stamp, actor } = this.origin;
    // What this transaction inserted itself was never there.
    const isOwn = base === undefined || base.deleted !== undefined;
    this.target.records.put(slot, isOwn ? base : createDeleted(base.generation, { stamp, actor }));
    return true;
  }

  fieldOf<K extends FieldKind>(editor: RecordEditor, kind: K, name: string): FieldCells[K] | undefined {
    return this.#fieldsOf(editor).get(kind, name);
  }

  baseOf<K extends FieldKind>(editor: RecordEditor, kind: K, name: string): FieldCells[K] | undefined {
    const draft = this.#current(editor);
    const { base } = draft;
    if (!isThere(base)) return undefined;
    return comparePairs(base.generation, this.#live(draft).generation) === 0 ? fieldOf(base, kind, name) : undefined;
  }

  put<K extends Exclude<FieldKind, "last">>(
    editor: RecordEditor,
    kind: K,
    name: string,
    cell: FieldCells[K],
    bytes: number,
  ): void {
    this.#growing(editor, bytes).put(kind, name, cell);
  }

  putLast(editor: RecordEditor, name: string, content: Content, bytes: number): void {
    this.#growing(editor, bytes).putLast(name, content, this.origin);
  }

  childWriter<T extends ContainerType>(type: T, editor: RecordEditor, name: string): Writers[T] {
    const { id } = editor;
    const child = childContainerId(this.target.id, id, this.#live(this.#current(editor)), type, name);
    this.#host.observer?.onChild(this, id, name, type, child);
    return this.#host.resolve(type, child);
  }

  joins(): ContainerJoins | undefined {
    this.#seal();
    const changes = new RecordChanges(this.origin);
    for (const draft of this.#drafts) {
      const { id, base } = draft;
      const cell = this.#cellOf(draft);
      if (cell === base || cell === undefined) continue;
      if (!changes.add(id, base, cell)) this.target.records.put(draft.slot, base);
    }
    const joins = changes.toJoins();
    return joins && { type: "records", name: this.target.fieldName ?? this.target.id, joins };
  }

  commit(): void {
    for (const draft of this.#drafts) {
      const { id, slot, base } = draft;
      const cell = this.#cellOf(draft);
      draft.isOpen = false;
      if (cell !== undefined && cell !== base) {
        this.target.changed(slot, base);
        this.#host.observer?.onRecord(this, id, base, cell);
      }
      this.target.close(slot);
    }
  }

  undo(): void {
    this.#seal();
    for (const draft of this.#drafts) {
      const { id, slot, base } = draft;
      const cell = this.#cellOf(draft);
      if (cell !== undefined) this.#discardChildren(id, cell);
      draft.isOpen = false;
      this.target.records.put(slot, base);
      this.target.close(slot);
    }
    this.#drafts = [];
    this.#draftBySlot = undefined;
  }

  #draftOf(slot: number): RecordDraft {
    this.#host.assertOpen();
    if (this.target.records.isDrafted(slot)) return this.#draftAt(slot);
    this.target.draft(slot);
    const base = this.target.records.cellAt(slot);
    assert(
      base === undefined || comparePairs(base.generation, this.origin) < 0,
      "a transaction comes after all it sees",
    );
    const bytes = this.target.records.bytesAt(slot);
    const draft: RecordDraft = { id: this.target.idAt(slot), slot, base, bytes, isOpen: true };
    this.#drafts.push(draft);
    this.#draftBySlot?.set(slot, draft);
    this.#host.record(this);
    return draft;
  }

  /** The draft of a slot that has one. Most documents are asked for once: the map is made when one is again. */
  #draftAt(slot: number): RecordDraft {
    const last = this.#drafts.at(-1);
    if (last?.slot === slot) return last;
    this.#draftBySlot ??= new Map(this.#drafts.map((draft) => [draft.slot, draft]));
    return must(this.#draftBySlot.get(slot), "one transaction at a time drafts");
  }

  /** What the transaction has done to an editor's document: a new draft when the one before was taken back. */
  #current(editor: RecordEditor): RecordDraft {
    this.#host.assertOpen();
    if (!editor.draft.isOpen) editor.draft = this.#draftOf(this.target.open(editor.id));
    return editor.draft;
  }

  #cellOf({ slot }: RecordDraft): RecordCell | undefined {
    return this.target.records.cellAt(slot);
  }

  /** The document as the transaction sees it; refuses when it is not there. */
  #live(draft: RecordDraft): RecordCell {
    const cell = this.#cellOf(draft);
    if (!isThere(cell)) throw missing();
    return cell;
  }

  /** The fields of an editor's document, to be changed in place. Refuses when it is not there any more. */
  #fieldsOf(editor: RecordEditor): DraftFields {
    const draft = this.#current(editor);
    if (this.#open === draft) return this.#fields;
    this.#seal();
    this.#fields.begin(this.#live(draft));
    this.#open = draft;
    return this.#fields;
  }

  /** As `#fieldsOf`, of a document that gets so many bytes longer. */
  #growing(editor: RecordEditor, bytes: number): DraftFields {
    const fields = this.#fieldsOf(editor);
    const { draft } = editor;
    if (draft.bytes + bytes > RECORD_BYTES_MAX) {
      throw new WriteRefused(
        "VALUE_TOO_LARGE",
        `a document has at most ${RECORD_BYTES_MAX} bytes: use a text or a list`,
      );
    }
    draft.bytes += bytes;
    return fields;
  }

  /** Makes the record of the document that was being written in. */
  #seal(): void {
    if (this.#open === undefined) return;
    this.target.records.put(this.#open.slot, this.#fields.end());
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
