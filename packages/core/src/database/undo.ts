/**
 * Undo of what this database's own calls write, and of nothing else. It owns the record, in memory, from its making to
 * its disposal; taking something back is a new transaction, which merges like any other.
 */

import type { Clock } from "../base/index.ts";
import {
  type CallOptions,
  CollectionError,
  CollectionTransaction,
  type Engine,
  type UndoOptions,
  type UndoReport,
  UndoStack,
} from "../collections/index.ts";
import type { Transaction } from "../crdt/index.ts";

export interface UndoParts {
  readonly ports: { readonly clock: Clock };
  readonly engine: Engine;
}

export class Undo implements Disposable {
  readonly #engine: Engine;
  readonly #stack: UndoStack;

  /** Made by `Database.undo`. */
  constructor({ ports: { clock }, engine }: UndoParts, options: UndoOptions) {
    if (engine.recorder !== undefined) {
      throw new CollectionError("UNDO_OPEN", "this database has an undo: dispose of it first");
    }
    this.#engine = engine;
    this.#stack = new UndoStack(
      {
        clock,
        isGrowOnly: (records, field) => engine.schemaOf(records)?.fieldsByName.get(field)?.growOnly === true,
      },
      options,
    );
    engine.recorder = this.#stack;
  }

  get canUndo(): boolean {
    return this.#stack.canUndo;
  }

  get canRedo(): boolean {
    return this.#stack.canRedo;
  }

  /** Takes back the last step of which anything is left, after what was called before. Resolves after the flush. */
  undo(options: CallOptions = {}): Promise<UndoReport> {
    return this.#write((transaction) => this.#stack.takeBack(transaction, "undo"), options);
  }

  /** Makes again what the last `undo` took back. A write of one's own in between forgets what could be made again. */
  redo(options: CallOptions = {}): Promise<UndoReport> {
    return this.#write((transaction) => this.#stack.takeBack(transaction, "redo"), options);
  }

  /** As `Database.transact`, as a step of its own with a name. */
  transaction<T>(label: string, run: (transaction: CollectionTransaction) => T, options: CallOptions = {}): Promise<T> {
    return this.#write((transaction) => {
      this.#stack.label(transaction, label);
      return runAtOnce(transaction, run);
    }, options);
  }

  /** Ends the record. What was written stays. */
  [Symbol.dispose](): void {
    if (this.#engine.recorder === this.#stack) this.#engine.recorder = undefined;
  }

  async #write<T>(run: (transaction: Transaction) => T, { signal }: CallOptions): Promise<T> {
    return this.#engine.write((transaction) => {
      if (this.#engine.recorder === this.#stack) return run(transaction);
      throw new CollectionError("UNDO_CLOSED", "the undo was disposed of");
    }, signal);
  }
}

/** Runs a transaction's function, which must be done when it returns. */
export function runAtOnce<T>(transaction: Transaction, run: (transaction: CollectionTransaction) => T): T {
  const value = run(new CollectionTransaction(transaction));
  if (!(value instanceof Promise)) return value;
  // Whatever it comes to, its writes are taken back.
  value.catch(() => {});
  throw new CollectionError("TRANSACTION_ASYNC", "a transaction's function must be done when it returns");
}
