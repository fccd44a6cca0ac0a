/** A transaction over several collections: all its writes are one commit, or none of them is. */
import type { Transaction } from "../crdt/index.ts";
import { Collection } from "./collection.ts";
import type { Fields } from "./schema/fields.ts";
import type { DocumentOf, EditorOf, InputOf, PatchOf } from "./schema/infer.ts";

/** The writes to one collection in a transaction; reads see them. */
export interface WriterOf<F extends Fields> {
  get(id: string): DocumentOf<F> | undefined;
  has(id: string): boolean;
  /** The id. */
  insert(input: InputOf<F>): string;
  update(id: string, change: PatchOf<F> | ((document: EditorOf<F>) => void)): void;
  upsert(input: InputOf<F>): string;
  /** Whether it was there. */
  delete(id: string): boolean;
}

/**
 * Valid until the function that was given it returns. The function may run several times, before anything is written,
 * when what it reads must be loaded first.
 */
export class CollectionTransaction {
  readonly #transaction: Transaction;

  constructor(transaction: Transaction) {
    this.#transaction = transaction;
  }

  in<F extends Fields, X>(collection: Collection<F, X>): WriterOf<F> {
    return Collection.boundOf(collection).writer(this.#transaction) as unknown as WriterOf<F>;
  }
}
