/**
 * One local call: it changes cells in place and keeps what was there before, so that reads inside it cost nothing extra,
 * a commit is a walk over what changed, and a rollback puts everything back. A read may throw `Miss` at any point: roll
 * back, load, and run again.
 *
 * The stamp of its origin is above everything that the document has seen and is used once: that makes a local write win
 * over all it follows, and a cell written here recognisable. Calls that share a delta take stamps that ascend.
 */
import { assert, type ContainerId } from "../base/index.ts";
import type { ContainerType } from "./container-type.ts";
import type { ContainerWriter } from "./containers/container.ts";
import type { ContainerCache, Containers } from "./containers/container-cache.ts";
import type { EditObserver } from "./edit-observer.ts";
import type { WriterHost, Writers } from "./handles/handles.ts";
import { type ContainerJoins, encodeJoins } from "./joins/joins.ts";
import { JOIN_CONTAINERS_MAX, JOINS_BYTES_MAX, JOINS_MAX } from "./limits.ts";
import type { Origin } from "./origin.ts";
import { WriteRefused } from "./refusal.ts";
import { DEFINITIONS } from "./types/definitions.ts";

/** Those of a transaction that has asked for none yet, and the joins of one that changed nothing. Never written to. */
const NO_WRITERS: ContainerWriter[] = [];
const NO_JOINS: ContainerJoins[] = [];

/** Told once that a transaction is over. */
type OnClose = (transaction: Transaction, isCommitted: boolean) => void;

export class Transaction implements WriterHost {
  readonly origin: Origin;
  /** Told of the edits that follow. */
  observer: EditObserver | undefined;
  readonly #cache: ContainerCache;
  readonly #onClose: OnClose;
  /** In the order in which the containers were first asked for. */
  #writers: ContainerWriter[] = NO_WRITERS;
  #touchedCount = 0;
  #joinCount = 0;
  #isOpen = true;

  /** Made by `Document.begin`. */
  constructor(cache: ContainerCache, origin: Origin, onClose: OnClose) {
    this.#cache = cache;
    this.origin = origin;
    this.#onClose = onClose;
  }

  /** The root container of a field. Fields of one name and different types are different containers. */
  field<T extends ContainerType>(type: T, name: string): Writers[T] {
    return this.#writer(type, this.#cache.field(type, name));
  }

  resolve<T extends ContainerType>(type: T, id: ContainerId): Writers[T] {
    return this.#writer(type, this.#cache.open(type, id));
  }

  container<T extends ContainerType>(type: T, id: ContainerId): Containers[T] {
    return this.#cache.open(type, id);
  }

  assertOpen(): void {
    assert(this.#isOpen, "a writer is not used after its transaction is closed");
  }

  record(writer: ContainerWriter): void {
    if (!writer.isTouched) this.#touch(writer);
    this.#joinCount++;
    if (this.#joinCount > JOINS_MAX) throw tooLarge();
  }

  discard(type: ContainerType, id: ContainerId): void {
    this.observer?.onDiscard(type, id);
    this.#cache.peek(type, id)?.writer?.undo();
  }

  /**
   * The joins blob for the delta; undefined when nothing changed. Throws `WriteRefused` when it has more than
   * `bytesMax` bytes, and stays open then.
   */
  commit(bytesMax: number = JOINS_BYTES_MAX): Uint8Array | undefined {
    assert(this.#isOpen, "a transaction is closed once");
    const joins = this.#joins();
    const blob = encoded(joins, bytesMax);
    this.observer?.onCommit();
    this.#cache.derivation?.onTransaction?.();
    for (const writer of this.#writers) writer.commit();
    this.#cache.tell(joins, this.origin);
    this.observer?.onCommitted();
    this.#close(true);
    return blob;
  }

  /** Throws what `commit` would throw. */
  check(bytesMax: number): void {
    encoded(this.#joins(), bytesMax);
  }

  /** As if it had never been. Harmless when it is closed already. */
  rollback(): void {
    if (!this.#isOpen) return;
    for (const writer of this.#writers) writer.undo();
    this.#close(false);
  }

  #joins(): ContainerJoins[] {
    let all = NO_JOINS;
    for (const writer of this.#writers) {
      const joins = writer.joins();
      if (joins === undefined) continue;
      // Most transactions have one: an array that grows takes room for many at once.
      if (all.length === 0) all = [joins];
      else all.push(joins);
    }
    return all;
  }

  #writer<T extends ContainerType>(type: T, container: Containers[T]): Writers[T] {
    // A container has one type for ever, so its writer is of that type.
    if (container.writer !== undefined && this.#isOpen) return container.writer as Writers[T];
    const writer = DEFINITIONS[type].writer(this, container);
    // After the close a writer only reads, and must not be found by the next transaction.
    if (!this.#isOpen) return writer;
    container.writer = writer;
    if (this.#writers.length === 0) this.#writers = [writer];
    else this.#writers.push(writer);
    return writer;
  }

  #touch(writer: ContainerWriter): void {
    writer.isTouched = true;
    this.#touchedCount++;
    if (this.#touchedCount > JOIN_CONTAINERS_MAX) throw tooLarge();
  }

  #close(isCommitted: boolean): void {
    this.#isOpen = false;
    for (const writer of this.#writers) writer.target.writer = undefined;
    this.#onClose(this, isCommitted);
  }
}

function encoded(joins: readonly ContainerJoins[], bytesMax: number): Uint8Array | undefined {
  const blob = joins.length === 0 ? undefined : encodeJoins(joins);
  if (blob !== undefined && blob.length > bytesMax) throw tooLarge();
  return blob;
}

function tooLarge(): WriteRefused {
  return new WriteRefused("TRANSACTION_TOO_LARGE", "split the call: it changes more than one delta may carry");
}
