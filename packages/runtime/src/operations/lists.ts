/** Lists, whose elements keep an id wherever they move, and logs. */
import { bytesToHex, hexToBytes, idToText } from "@dunlin/core/base";
import { decodeAnchor, decodeValue, type ElementId, encodeAnchor, encodeValue, type Value } from "@dunlin/core/crdt";
import { GuestFault } from "../call.ts";
import type { Frame } from "../frame.ts";
import { INSERTED_ITEMS_MAX, PAGE_ITEMS_MAX } from "../limits.ts";
import { makes, type Operation, reads, writes } from "./operation.ts";
import { anchorAt } from "./texts.ts";

const SIDES = ["before", "after"] as const;
/** Of the hex that ids of elements and keys of entries cross as. */
const ID_CHARS_MAX = 128;

export const LIST_OPERATIONS: readonly Operation[] = [
  reads("listLength", (f) => f.view(0, "list").length),
  reads("listGet", (f) => f.view(0, "list").get(f.number(1))),
  reads("listSlice", (f) => {
    const list = f.view(0, "list");
    const from = Math.max(0, f.number(1));
    const to = Math.min(f.number(2), list.length);
    f.walk(Math.max(0, to - from));
    return list.slice(from, to);
  }),
  reads("listPeek", (f) => {
    const type = f.type(2);
    const child = f.view(0, "list").nested(type, f.number(1));
    return child === undefined ? 0 : f.open(type, child);
  }),
  writes("listInsert", (f) => {
    const values = f.values(2);
    if (values.length > INSERTED_ITEMS_MAX) {
      throw new GuestFault("LIMIT_EXCEEDED", `a list takes at most ${INSERTED_ITEMS_MAX} values at once`);
    }
    f.walk(values.length);
    f.writer(0, "list").insert(f.number(1), ...values);
  }),
  makes("listInsertChild", (f) => {
    const type = f.type(2);
    return f.open(type, f.writer(0, "list").insertContainer(type, f.number(1)));
  }),
  writes("listSet", (f) => f.writer(0, "list").set(f.number(1), f.value(2))),
  writes("listDelete", (f) => {
    const list = f.writer(0, "list");
    const count = f.number(2);
    f.walk(Math.min(Math.max(0, count), list.length));
    list.delete(f.number(1), count);
  }),
  writes("listMove", (f) => f.writer(0, "list").move(f.number(1), f.number(2))),
  reads("listAnchor", (f) => encodeAnchor(f.view(0, "list").position(f.number(1), f.word(2, SIDES)))),
  reads("listIndexOf", (f) => f.view(0, "list").indexOf(anchorAt(f, 1))),
  reads("listIdAt", (f) => {
    const list = f.view(0, "list");
    const index = f.number(1);
    if (index < 0 || index >= list.length) return undefined;
    return bytesToHex(encodeAnchor({ at: "before", ...list.elementAt(index) }));
  }),
  reads("listIndexOfId", (f) => f.view(0, "list").indexOfElement(elementAt(f, 1))),

  makes("logAppend", (f) => {
    const log = f.writer(0, "log");
    const encoded = encodeValue(f.value(1));
    if (!encoded.ok) throw new GuestFault(encoded.error.code, encoded.error.message);
    return bytesToHex(log.append(encoded.value));
  }),
  reads("logSize", (f) => f.view(0, "log").size),
  reads("logPage", (f) => {
    const log = f.view(0, "log");
    f.walk(log.size);
    const after = f.optionalString(1, ID_CHARS_MAX);
    const limit = Math.max(0, Math.min(f.number(2), PAGE_ITEMS_MAX));
    const page: Value[] = [];
    for (const key of log.keys()) {
      const text = bytesToHex(key);
      if (after !== undefined && text <= after) continue;
      if (page.length >= limit) break;
      const entry = log.get(key);
      // Another program's entries are any bytes: what is no value is not shown.
      const value = entry && decodeValue(entry.bytes);
      if (entry !== undefined && value !== undefined) page.push([text, idToText(entry.member), value]);
    }
    return page;
  }),
];

/** The element whose id, as `listIdAt` gave it, argument `index` holds. */
function elementAt(frame: Frame, index: number): ElementId {
  const bytes = hexToBytes(frame.string(index, ID_CHARS_MAX));
  const anchor = bytes && decodeAnchor(bytes);
  if (anchor?.at === "before") return anchor;
  throw new GuestFault("ARGUMENT_INVALID", `argument ${index} is no id of an element`);
}
