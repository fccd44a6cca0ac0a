/** Records, for the checks of histories: documents that come, go and come again, and fields of every kind in them. */
import { compareBytes } from "../../../base/index.ts";
import type { Document } from "../../document.ts";
import { readCounter, readFirst, readLast, readMulti, readSet } from "../../records/read-record.ts";
import * as recordCell from "../../records/record-cell.ts";
import type { RecordEditor } from "../../records/record-editor.ts";
import type { Transaction } from "../../transaction.ts";
import type { ModelDelta, Operation, Subject } from "./subject.ts";

const KEYS = ["a", "b", "c", "k"];

export const recordsSubject: Subject = {
  name: "records",
  operations: [
    (tx, index, key) => {
      editorOf(tx, "records", key).set("f", `v${index}`);
      return { kind: "records.put", key, value: `v${index}` };
    },
    (tx, _index, key) => {
      if (!tx.field("records", "records").delete(key)) return undefined;
      return { kind: "records.delete", key, value: undefined };
    },
  ],
  show: (document) =>
    KEYS.map((key) => {
      const cell = document.field("records", "records").get(key);
      return cell === undefined || cell.deleted !== undefined ? null : readLast(cell, "f");
    }),
  model: (deltas) => KEYS.map((key) => shownOf(deltas, key, new Map())?.value ?? null),
  lattice: recordCell,
};

export const recordFieldSubjects: readonly Subject[] = [
  fields("registers", [
    (tx, field, index, key) => void editorOf(tx, field, key).setFirst("f", index),
    (tx, field, index, key) => editorOf(tx, field, key).setMulti("f", `v${index}`),
  ]),
  fields("counters", [(tx, field, index, key) => editorOf(tx, field, key).add("f", 1 - index)]),
  fields("sets", [
    (tx, field, _index, key) => {
      for (const policy of ["add-wins", "remove-wins"] as const) editorOf(tx, field, key).addTo("f", "e", policy);
    },
    (tx, field, _index, key) => {
      for (const policy of ["add-wins", "remove-wins"] as const) editorOf(tx, field, key).removeFrom("f", "e", policy);
    },
  ]),
];

/** What one delta leaves of a document: in which generation, and its value, or that it was deleted. */
interface Left {
  /** The deletion after which the document was inserted; undefined when there was none. */
  readonly after: ModelDelta | undefined;
  readonly by: ModelDelta;
  /** Undefined for a deletion. */
  readonly value: string | undefined;
}

type Known = Map<ModelDelta, Left | undefined>;

/** Of the latest generation the deletion, or else the last value. */
function shownOf(deltas: readonly ModelDelta[], key: string, known: Known): Left | undefined {
  const left = deltas.map((delta) => leftBy(delta, key, known)).filter((each) => each !== undefined);
  const latest = left.reduce<ModelDelta | undefined>((most, { after }) => later(most, after), undefined);
  const inLatest = left.filter(({ after }) => after === latest);
  const deletions = inLatest.filter(({ value }) => value === undefined);
  const last = (of: readonly Left[]) => of.reduce((most, each) => (later(most.by, each.by) === each.by ? each : most));
  if (inLatest.length === 0) return undefined;
  return last(deletions.length > 0 ? deletions : inLatest);
}

/** What a delta makes of the document that its author saw; undefined when it leaves it as it was. */
function leftBy(by: ModelDelta, key: string, known: Known): Left | undefined {
  if (known.has(by)) return known.get(by);
  const seen = shownOf([...by.seen], key, known);
  let left = seen;
  for (const operation of by.operations) {
    if (operation.key !== key || !operation.kind.startsWith("records.")) continue;
    const isThere = left?.value !== undefined;
    const value = operation.value === undefined ? undefined : String(operation.value);
    if (value === undefined) left = seen?.value === undefined ? seen : { after: seen.after, by, value };
    else if (isThere) left = { after: left?.after, by, value };
    // Deleted and inserted in one transaction, it is new after this delta's own deletion.
    else left = { after: left?.by, by, value };
  }
  known.set(by, left === seen ? undefined : left);
  return known.get(by);
}

function later(a: ModelDelta | undefined, b: ModelDelta | undefined): ModelDelta | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return (a.stamp - b.stamp || compareBytes(a.actor, b.actor)) > 0 ? a : b;
}

type Work = (tx: Transaction, field: string, index: number, key: string) => void;

function fields(name: string, works: readonly Work[]): Subject {
  const field = `records of ${name}`;
  const remove: Work = (tx, _field, _index, key) => tx.field("records", field).delete(key);
  return {
    name: field,
    operations: [...works, remove].map(
      (work): Operation =>
        (tx, index, key) => {
          work(tx, field, index, key);
          return undefined;
        },
    ),
    show: (document) => show(document, field),
    model: undefined,
    lattice: recordCell,
  };
}

function editorOf(tx: Transaction, field: string, key: string): RecordEditor {
  const records = tx.field("records", field);
  return records.has(key) ? records.edit(key) : records.insert(key);
}

function show(document: Document, field: string): unknown {
  return KEYS.map((key) => {
    const cell = document.field("records", field).get(key);
    if (cell === undefined || cell.deleted !== undefined) return null;
    const sets = [readSet(cell, "f"), readSet(cell, "f", "remove-wins")];
    return [readLast(cell, "f"), readFirst(cell, "f"), readMulti(cell, "f"), readCounter(cell, "f"), sets];
  });
}
