/** Texts, their marks, and anchors in them. */
import { type Anchor, decodeAnchor, encodeAnchor, type TextView, type Value, type Views } from "@dunlin/core/crdt";
import { GuestFault } from "../call.ts";
import type { Frame } from "../frame.ts";
import { type Operation, reads, writes } from "./operation.ts";

const SIDES = ["before", "after"] as const;
const EXPANDS = ["after", "before", "both", "none"] as const;
const ANCHOR_BYTES_MAX = 32;

export const TEXT_OPERATIONS: readonly Operation[] = [
  writes("textInsert", (f) => f.writer(0, "text").insert(f.number(1), f.string(2))),
  writes("textDelete", (f) => f.writer(0, "text").delete(f.number(1), f.number(2))),
  reads("textLength", (f) => f.view(0, "text").length),
  reads("textSlice", (f) => f.view(0, "text").slice(f.number(1), f.number(2))),
  reads("textToString", (f) => f.view(0, "text").toString()),
  writes("textMark", (f) => {
    const expand = f.word(6, EXPANDS);
    f.writer(0, "text").mark(f.number(1), f.number(2), f.key(3), f.value(4), { expand });
  }),
  writes("textUnmark", (f) => {
    const expand = f.word(4, EXPANDS);
    f.writer(0, "text").unmark(f.number(1), f.number(2), f.key(3), { expand });
  }),
  reads("textSpans", (f) => {
    const text = f.view(0, "text");
    chargeMarks(f, text);
    return text.toSpans().map((span): Value => [span.text, [...span.marks]]);
  }),
  reads("textMarks", (f) => {
    const text = f.view(0, "text");
    chargeMarks(f, text);
    return text.marks().map(({ from, to, name, value }): Value => [from, to, name, value]);
  }),
  reads("textAnchor", (f) => encodeAnchor(f.view(0, "text").position(f.number(1), f.word(2, SIDES)))),
  reads("textIndexOf", (f) => f.view(0, "text").indexOf(anchorAt(f, 1))),
];

/** The anchor that argument `index` holds. */
export function anchorAt(frame: Frame, index: number): Anchor {
  const anchor = decodeAnchor(frame.bytes(index, ANCHOR_BYTES_MAX));
  if (anchor === undefined) throw new GuestFault("ARGUMENT_INVALID", `argument ${index} is no anchor`);
  return anchor;
}

/** Every mark that was ever made is looked at, each against those that hold at its ends. */
function chargeMarks(frame: Frame, text: TextView<Views>): void {
  const { markCount } = text;
  frame.walk(markCount);
  frame.machine.spend(markCount * markCount);
}
