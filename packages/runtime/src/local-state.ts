/**
 * The state of an application that stays on this node: a document of its own beside the context's, with the same types.
 *
 * Its cells lie in the store among what the context's application keeps itself, and go there in one batch with what the
 * call did to the context; a call that fails leaves nothing. Nobody else's writes ever meet them, so all are of one
 * actor, and their stamps are those of the calls.
 *
 *   'g' 'c' cell key    the cell's canonical bytes
 */
import {
  type ContextId,
  concatBytes,
  type PublicKey,
  type ReadView,
  type Result,
  type Stamp,
  utf8,
} from "@dunlin/core/base";
import { Document, type Transaction, ZERO_ACTOR } from "@dunlin/core/crdt";
import { type Beside, cellSource, ENTRY_BYTES_MAX, tablePrefix } from "@dunlin/core/replica";
import type { StateRoot } from "./state-root.ts";

export class LocalState {
  readonly document: Document;
  readonly #table: Uint8Array;
  readonly #member: PublicKey;

  constructor(store: ReadView, context: ContextId, member: PublicKey) {
    this.#table = concatBytes(tablePrefix(context, "g"), utf8("c"));
    this.#member = member;
    this.document = new Document(cellSource(store, this.#table));
  }

  /**
   * Runs a mutation with this state to write to. What it leaves here when it succeeds is kept or dropped as `beside`
   * says; undefined when it never looked.
   */
  during<T>(stamp: Stamp, run: (root: () => StateRoot) => Result<T>): { ran: Result<T>; beside?: Beside } {
    let transaction: Transaction | undefined;
    let isKept = false;
    try {
      const ran = run(() => {
        transaction ??= this.document.begin({ stamp, actor: ZERO_ACTOR, member: this.#member });
        return transaction;
      });
      if (!ran.ok || transaction === undefined) return { ran };
      // What is too large is refused now, while the rest of the call can still be taken back.
      transaction.check(ENTRY_BYTES_MAX);
      isKept = true;
      return { ran, beside: this.#besideOf(transaction) };
    } finally {
      if (!isKept) transaction?.rollback();
    }
  }

  #besideOf(transaction: Transaction): Beside {
    return {
      keep: () => void transaction.commit(),
      drop: () => transaction.rollback(),
      takeRows: () => this.document.takeDirty(this.#table),
    };
  }
}
