/** A text that several people edit at once, with marks. Positions and lengths are in UTF-16 units, as of a string. */
import { createField, type Field } from "./field.ts";
import { host } from "./host.ts";
import { formOf, rawOf, type Value } from "./value.ts";

/** At which of its ends a mark takes in what is typed there: bold grows after, a link does not grow. */
export type MarkExpand = "after" | "before" | "both" | "none";

/** A stretch of text and what marks say of it, by name. */
export interface TextSpan {
  readonly text: string;
  readonly marks: { readonly [name: string]: Value };
}

/** A marked stretch. */
export interface TextMark {
  readonly from: number;
  readonly to: number;
  readonly name: string;
  readonly value: Value;
}

/** A place in a text or list that keeps its meaning through every edit: bytes, to be stored as they are. */
export type Anchor = Uint8Array;
/** Which neighbour a place belongs to. */
export type AnchorSide = "before" | "after";

export interface ReadonlyText {
  length(): number;
  slice(from: number, to?: number): string;
  toString(): string;
  /** The whole text in stretches of equal marks. */
  spans(): TextSpan[];
  /** What is marked, by start and name. */
  marks(): TextMark[];
  /** The place before a position. */
  anchor(at: number, side?: AnchorSide): Anchor;
  /** Where an anchor is now; undefined when what it names is not known here. */
  indexOf(anchor: Anchor): number | undefined;
}

export interface Text extends ReadonlyText {
  insert(at: number, text: string): void;
  delete(at: number, count: number): void;
  /** Marks the units from `from` up to `to`: over each, the last mark of a name holds. */
  mark(from: number, to: number, name: string, value: Value, options?: { readonly expand?: MarkExpand }): void;
  /** Takes away what is marked with a name there. */
  unmark(from: number, to: number, name: string, options?: { readonly expand?: MarkExpand }): void;
}

export type TextField = Field<ReadonlyText, Text>;

/** Declares a text: `body: text()`. */
export function text(): TextField {
  return createField("text", open);
}

function open(handle: number): Text {
  return {
    length: () => host.textLength(handle),
    slice: (from, to) => host.textSlice(handle, from, to ?? host.textLength(handle)),
    toString: () => host.textToString(handle),
    spans: () =>
      host.textSpans(handle).map(([stretch, marks]) => ({
        text: stretch,
        marks: Object.fromEntries(marks) as { [name: string]: Value },
      })),
    marks: () => host.textMarks(handle).map(([from, to, name, value]) => ({ from, to, name, value: value as Value })),
    anchor: (at, side = "before") => host.textAnchor(handle, at, side),
    indexOf: (anchor) => host.textIndexOf(handle, anchor),
    insert: (at, inserted) => host.textInsert(handle, at, inserted),
    delete: (at, count) => host.textDelete(handle, at, count),
    mark: (from, to, name, value, { expand = "after" } = {}) =>
      host.textMark(handle, from, to, name, rawOf(value), formOf(value), expand),
    unmark: (from, to, name, { expand = "after" } = {}) => host.textUnmark(handle, from, to, name, expand),
  };
}
