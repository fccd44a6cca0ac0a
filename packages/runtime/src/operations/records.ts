/** Records: documents by id, whose fields are read and written one by one. */
import { idKey } from "@dunlin/core/base";
import {
  encodeValue,
  type RecordCell,
  type RecordEditor,
  readCounter,
  readFirst,
  readLast,
  readMulti,
  readSet,
  type Value,
} from "@dunlin/core/crdt";
import { GuestFault } from "../call.ts";
import type { Frame } from "../frame.ts";
import { PAGE_ITEMS_MAX } from "../limits.ts";
import { makes, type Operation, reads, writes } from "./operation.ts";

/** The kinds of field that lie in the record itself, and how each is read. */
const READERS: Readonly<Record<string, (cell: RecordCell, name: string) => Value | undefined>> = {
  register: readLast,
  "first-register": readFirst,
  "multi-register": readMulti,
  counter: readCounter,
  "grow-counter": readCounter,
  set: (cell, name) => readSet(cell, name, "add-wins"),
  "remove-wins-set": (cell, name) => readSet(cell, name, "remove-wins"),
};
const FIELD_KINDS = Object.keys(READERS);
const POLICIES = ["add-wins", "remove-wins"] as const;

export const RECORD_OPERATIONS: readonly Operation[] = [
  writes("recordInsert", (f) => f.writer(0, "records").insert(f.key(1))),
  makes("recordDelete", (f) => f.writer(0, "records").delete(f.key(1))),
  reads("recordHas", (f) => f.view(0, "records").has(f.key(1))),
  reads("recordPage", (f) => {
    const limit = Math.max(0, Math.min(f.number(2), PAGE_ITEMS_MAX));
    const page = limit === 0 ? [] : f.view(0, "records").page({ after: f.optionalKey(1), limit });
    f.walk(page.length);
    return page.map(({ id }) => id);
  }),
  reads("recordGet", (f) => {
    const cell = f.view(0, "records").get(f.key(1));
    const read = READERS[f.word(2, FIELD_KINDS)];
    return cell && read?.(cell, f.key(3));
  }),
  reads("recordHasElement", (f) => {
    const cell = f.view(0, "records").get(f.key(1));
    const elements = cell === undefined ? [] : readSet(cell, f.key(2), f.word(5, POLICIES));
    f.walk(elements.length);
    const wanted = keyOf(f.value(3));
    return elements.some((element) => keyOf(element) === wanted);
  }),
  writes("recordSet", (f) => editor(f).set(f.key(2), f.value(3))),
  writes("recordClear", (f) => editor(f).clear(f.key(2))),
  makes("recordSetFirst", (f) => editor(f).setFirst(f.key(2), f.value(3))),
  writes("recordSetMulti", (f) => editor(f).setMulti(f.key(2), f.value(3))),
  writes("recordAdd", (f) => editor(f).add(f.key(2), f.number(3))),
  writes("recordAddTo", (f) => editor(f).addTo(f.key(2), f.value(3), f.word(5, POLICIES))),
  writes("recordRemoveFrom", (f) => editor(f).removeFrom(f.key(2), f.value(3), f.word(5, POLICIES))),
  makes("recordChild", (f) => {
    const type = f.type(3);
    if (type === "records") throw new GuestFault("ARGUMENT_INVALID", "records do not hold records");
    return f.open(type, editor(f).child(type, f.key(2)));
  }),
  reads("recordPeek", (f) => {
    const type = f.type(3);
    const child = f.view(0, "records").child(type, f.key(1), f.key(2));
    return child === undefined ? 0 : f.open(type, child);
  }),
];

function editor(frame: Frame): RecordEditor {
  return frame.writer(0, "records").edit(frame.key(1));
}

/** Equal values have equal keys. */
function keyOf(value: Value): string {
  const encoded = encodeValue(value);
  if (!encoded.ok) throw new GuestFault(encoded.error.code, encoded.error.message);
  return idKey(encoded.value);
}
