/** A collection as it was at a version: reads of what exactly those deltas made. */
import type { BoundCollection } from "../bound-collection.ts";
import type { CallOptions, ViewOf } from "../collection.ts";
import type { Fields } from "../schema/fields.ts";
import type { DocumentOf, HandleName } from "../schema/infer.ts";
import { checkId, handleOf } from "../schema/schema.ts";
import type { Cover } from "./frontier.ts";
import { documentsAt, readChildAt } from "./time-travel.ts";

export class CollectionAt<F extends Fields> {
  readonly #bound: BoundCollection;
  readonly #cover: Cover;

  /** Made by `Collection.at`. */
  constructor(bound: BoundCollection, cover: Cover) {
    this.#bound = bound;
    this.#cover = cover;
  }

  async get(id: string, options: CallOptions = {}): Promise<DocumentOf<F> | undefined> {
    const [document] = await this.getMany([id], options);
    return document;
  }

  /** In the order of the ids; undefined for those that were not there. */
  async getMany(ids: Iterable<string>, { signal }: CallOptions = {}): Promise<(DocumentOf<F> | undefined)[]> {
    this.#bound.assertOpen();
    const checked = [...ids].map((id) => checkId(this.#bound.schema, id));
    return (await documentsAt(this.#bound, this.#cover, checked, signal)) as (DocumentOf<F> | undefined)[];
  }

  /** Reads a text or another container as it was; undefined when there was none. */
  async read<N extends HandleName<F>, T>(
    id: string,
    field: N,
    run: (view: ViewOf<F, N>) => T,
    { signal }: CallOptions = {},
  ): Promise<T | undefined> {
    this.#bound.assertOpen();
    const { schema } = this.#bound;
    const read = (view: unknown): T => run(view as ViewOf<F, N>);
    return readChildAt(this.#bound, this.#cover, checkId(schema, id), handleOf(schema, field), read, signal);
  }
}
