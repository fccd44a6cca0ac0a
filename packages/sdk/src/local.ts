/**
 * A field that stays on this node: `drafts: local(map(text()))`. It is of any of the types, kept with the node's store,
 * and in no delta: each member has one of its own, and nobody else ever sees it. What a call wrote to it is taken back
 * when the call fails. It stands among the fields of the state, and not within another.
 */
import type { Field } from "./field.ts";

export interface LocalField<Read, Write extends Read> {
  readonly local: Field<Read, Write>;
}

export function local<Read, Write extends Read>(field: Field<Read, Write>): LocalField<Read, Write> {
  return { local: field };
}
