/** What TypeScript knows of a collection's indexes and queries, inferred from its fields. */
import type { IndexDefinition } from "./index/definition.ts";
import type { Fields } from "./schema/fields.ts";
import type { DocumentOf, HandleName } from "./schema/infer.ts";

/** Definitions by name; `X` holds what each of their functions gives. */
export type Indexes<F extends Fields, X> = {
  readonly [N in keyof X]: IndexDefinition<DocumentOf<F>, X[N]> | TextWordsOf<F>;
};

/** What `words` gives for a text field. */
interface TextWordsOf<F extends Fields> {
  readonly key: HandleName<F>;
  readonly by: "words";
}

/** What a collection is declared with. */
export interface CollectionDefinition<F extends Fields, X> {
  readonly fields: F;
  readonly indexes?: Indexes<F, X>;
  /** 1 when left out. Raise it with every change that programs of the version before must not write beside. */
  readonly version?: number;
}

type Name<D, X> = (keyof D | keyof X) & string;
type FieldOf<D, N> = N extends keyof D ? D[N] : unknown;
/** An index of fields has no function, and so is of its field's type, or of any. */
type Named<D, X, N> = N extends keyof X ? (unknown extends X[N] ? FieldOf<D, N> : X[N]) : FieldOf<D, N>;
type Element<T> = T extends string ? never : T extends Iterable<infer E> ? E : never;

export interface RangeOf<T> {
  readonly gt?: T;
  readonly gte?: T;
  readonly lt?: T;
  readonly lte?: T;
}

/** A name is that of an index, if there is one, else that of a field. All conditions hold together. */
export interface QueryOf<D, X> {
  /** Equal to these values; `undefined` is what a document lacks. */
  readonly where?: { readonly [N in Name<D, X>]?: Named<D, X, N> | undefined };
  readonly range?: { readonly [N in Name<D, X>]?: RangeOf<Named<D, X, N>> };
  /** Sets, and what an index by `each` gives, that hold this element. */
  readonly contains?: { readonly [N in Name<D, X>]?: Element<NonNullable<Named<D, X, N>>> };
  /** Texts with words that begin with each of these words. */
  readonly match?: { readonly [N in Name<D, X>]?: string };
  /** Anything else. Pure; no index helps it. */
  readonly filter?: (document: D) => boolean;
  /** By the range's name when left out, else by id. Equal ones are ordered by id. */
  readonly orderBy?: Name<D, X> | readonly [name: Name<D, X>, direction?: "asc" | "desc"];
  readonly limit?: number;
  readonly offset?: number;
  /** The cursor of a page, with the same conditions and order. */
  readonly after?: string;
}
