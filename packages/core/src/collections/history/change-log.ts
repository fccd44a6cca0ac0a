/**
 * What has changed since the last commit, document by document, until its row is written (`change-row.ts`).
 *
 * A document that this program changed several times between two commits changed once; of an admitted delta, each
 * document changes by that delta. So every change of a row has the orders of the deltas that made it.
 */
import { assert, type ContainerId, type ContextId, idKey, type WriteOperation } from "../../base/index.ts";
import type { CommitOrders, DeltaSource, FieldName, RecordCell } from "../../crdt/index.ts";
import { type ChangeEffect, ChangeRowWriter, changeKey, type LoggedChange } from "./change-row.ts";
import { CHANGE_ROW_BYTES_SOFT, CHANGES_PER_ROW_MAX, FIELDS_PER_CHANGE_MAX, ROWS_PER_COMMIT_MAX } from "./limits.ts";

interface Pending {
  readonly container: ContainerId;
  readonly id: string;
  /** Undefined for a change of this program. */
  readonly source: DeltaSource | undefined;
  before: RecordCell | undefined;
  after: RecordCell | undefined;
}

type ById = Map<string, Pending>;
type ByContainer = Map<string, ById>;

/** Never written to. */
const NO_FIELDS: string[] = [];

export class ChangeLog {
  #pending: Pending[] = [];
  /** How many of them are of this program, and of how many transactions. */
  #hereCount = 0;
  #transactions = 0;
  #ofDelta: ByContainer = new Map();
  #source: DeltaSource | undefined;
  /** Changes come in runs. */
  #last: { readonly container: ContainerId; readonly byId: ById } | undefined;

  /** Changes of a transaction come next: of a document one at most, so one transaction's are not looked up. */
  onTransaction(): void {
    this.#transactions++;
  }

  onDelta(source: DeltaSource | undefined): void {
    this.#source = source && this.#hereCount > 0 ? { order: source.order, isConcurrent: true } : source;
    this.#last = undefined;
    if (this.#ofDelta.size > 0) this.#ofDelta = new Map();
  }

  onRecord(container: ContainerId, id: string, before: RecordCell | undefined, after: RecordCell | undefined): void {
    const pending: Pending = { container, id, source: this.#source, before, after };
    if (this.#source === undefined) this.#hereCount++;
    else if (isKnown(this.#byIdOf(container), pending)) return;
    this.#pending.push(pending);
  }

  /** A join that changed nothing. */
  onVoid(container: ContainerId, id: string): void {
    this.onRecord(container, id, undefined, undefined);
  }

  /** The rows of the commit of these orders, which made all that waits. */
  takeRows(context: ContextId, orders: CommitOrders, into: WriteOperation[]): void {
    const pending = this.#transactions > 1 ? mergeOwn(this.#pending) : this.#pending;
    const { first, firstLocal, end } = orders;
    this.forget();
    let row = new ChangeRowWriter();
    let part = 0;
    const flush = (): void => {
      assert(part < ROWS_PER_COMMIT_MAX, "a commit has fewer rows than its keys can name");
      const value = row.toBytes({ count: end - first, local: end - firstLocal });
      into.push({ kind: "put", key: changeKey(context, end - 1, part++), value });
      row = new ChangeRowWriter();
    };
    for (const one of pending) {
      row.add(toChange(one, orders));
      if (row.length > CHANGE_ROW_BYTES_SOFT || row.count === CHANGES_PER_ROW_MAX) flush();
    }
    if (row.count > 0) flush();
  }

  /** What waits is in the store already, or is to have no row. */
  forget(): void {
    this.#last = undefined;
    if (this.#pending.length === 0) return;
    this.#pending = [];
    this.#hereCount = 0;
    this.#transactions = 0;
    this.#ofDelta = new Map();
  }

  #byIdOf(container: ContainerId): ById {
    if (this.#last?.container === container) return this.#last.byId;
    const byId = byIdIn(this.#ofDelta, container);
    this.#last = { container, byId };
    return byId;
  }
}

function byIdIn(byContainer: ByContainer, container: ContainerId): ById {
  const key = idKey(container);
  let byId = byContainer.get(key);
  if (byId === undefined) {
    byId = new Map();
    byContainer.set(key, byId);
  }
  return byId;
}

/** Whether a document's change is among those here, which then leads to the later state; else it is from now on. */
function isKnown(byId: ById, pending: Pending): boolean {
  const known = byId.get(pending.id);
  if (known === undefined) {
    byId.set(pending.id, pending);
    return false;
  }
  if (isVoid(pending)) return true;
  if (isVoid(known)) known.before = pending.before;
  known.after = pending.after;
  return true;
}

function isVoid({ before, after }: Pending): boolean {
  return before === undefined && after === undefined;
}

/** What this program did to a document in several transactions as one change, in the place of the first. */
function mergeOwn(pending: readonly Pending[]): Pending[] {
  const own: ByContainer = new Map();
  return pending.filter((one) => one.source !== undefined || !isKnown(byIdIn(own, one.container), one));
}

/** Names of the fields in which two cells differ, each once, in the order of the later one. */
function changedFields(before: RecordCell, after: RecordCell): readonly string[] {
  let names = NO_FIELDS;
  const { shape } = after;
  for (let place = 0; place < shape.size; place++) {
    const { kind, name } = shape.fields[place] as FieldName;
    const was = before.shape === shape ? place : before.shape.find(kind, name);
    if (was < 0 || !before.isSameAt(was, after, place)) names = withName(names, name);
  }
  if (before.shape === shape) return names;
  // Only a new generation has lost fields.
  for (const { kind, name } of before.shape.fields) if (shape.find(kind, name) < 0) names = withName(names, name);
  return names;
}

/** The first is given an array of just one: most changes are of one field, and an array that grows has room for many. */
function withName(names: string[], name: string): string[] {
  if (names.length === 0) return [name];
  // Fields of two kinds may have one name.
  if (names.length < FIELDS_PER_CHANGE_MAX && !names.includes(name)) names.push(name);
  return names;
}

function toChange(
  { container, id, source, before, after }: Pending,
  { first, firstLocal }: CommitOrders,
): LoggedChange {
  const effect = effectOf(before, after);
  const fields =
    effect === "update" && before !== undefined && after !== undefined ? changedFields(before, after) : NO_FIELDS;
  const shown = effect === "update" && fields.length === 0 ? "none" : effect;
  // A delta that waits for a page in its midst comes later, and tells of its documents again then.
  if (source === undefined || first === firstLocal)
    return { effect: shown, origin: "here", offset: 0, container, id, fields };
  const origin = source.isConcurrent ? "concurrent" : "elsewhere";
  return { effect: shown, origin, offset: Math.min(source.order, firstLocal - 1) - first, container, id, fields };
}

function effectOf(before: RecordCell | undefined, after: RecordCell | undefined): ChangeEffect {
  const [was, is] = [isThere(before), isThere(after)];
  if (was && is) return "update";
  if (was) return "delete";
  return is ? "insert" : "none";
}

function isThere(cell: RecordCell | undefined): boolean {
  return cell !== undefined && cell.deleted === undefined;
}
