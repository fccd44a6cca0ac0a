/** A text that several people edit at once. Positions and lengths are in UTF-16 units, as of a string. */
import { createField, type Field } from "./field.ts";
import { host } from "./host.ts";

export interface ReadonlyText {
  length(): number;
  slice(from: number, to?: number): string;
  toString(): string;
}

export interface Text extends ReadonlyText {
  insert(at: number, text: string): void;
  delete(at: number, count: number): void;
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
    insert: (at, inserted) => host.textInsert(handle, at, inserted),
    delete: (at, count) => host.textDelete(handle, at, count),
  };
}
