/**
 * The states that a document goes through in many histories, each held once, so that equal states are one object and
 * what was computed from one is not computed again. Sound since a document that was just opened knows its cells alone:
 * what it does depends on nothing else.
 */
import { assert, idKey } from "../../base/index.ts";
import { decodeCell, encodeCell, type Lattice } from "../cells/cell-kind.ts";
import { Document } from "../document.ts";
import { textPlugin } from "../fugue-plugin.ts";
import type { Intern, Origin } from "../origin.ts";
import type { Transaction } from "../transaction.ts";
import { MemorySource } from "./memory-source.ts";

/** By the key with one character a byte. Equal states of one table are one object. */
export type Cells = ReadonlyMap<string, Uint8Array>;

/** A delta as far as the state is concerned. Equal changes of one table are one object. */
export interface Change {
  readonly origin: Origin;
  readonly joins: Uint8Array;
  readonly number: number;
}

export interface Written<T> {
  readonly result: T;
  readonly change: Change | undefined;
  readonly after: Cells;
}

export class StateTable {
  readonly empty: Cells;
  readonly #states = new Map<string, Cells>();
  readonly #changes = new Map<string, Change>();
  readonly #applied: Memo<Change, Cells> = new Map();
  readonly #joined: Memo<Cells, Cells> = new Map();
  readonly #written: Memo<string, unknown> = new Map();
  readonly #shown = new Map<Cells, string>();

  constructor() {
    this.empty = this.intern(new Map());
  }

  intern(cells: Cells): Cells {
    const content = JSON.stringify([...cells].map(([key, bytes]) => [key, idKey(bytes)]).sort(byKey));
    const known = this.#states.get(content);
    if (known !== undefined) return known;
    this.#states.set(content, cells);
    return cells;
  }

  /** The state after a change, which is accepted, in whole unless it may be void. */
  apply(cells: Cells, change: Change, mayBeVoid: boolean): Cells {
    return memo(this.#applied, cells, change, () => {
      const source = new MemorySource(cells);
      const document = new Document(source, textPlugin);
      const applied = document.apply(change.joins, change.origin);
      assert(applied.ok && (mayBeVoid || applied.value.void === 0), "an honest delta is accepted as a whole");
      source.put(document.takeDirty());
      return this.intern(source.cells());
    });
  }

  /** What a transaction makes of a state: whatever work gives, and the change, if there was one, with the state after. */
  write<T>(cells: Cells, origin: Origin, workId: string, work: (tx: Transaction) => T): Written<T> {
    // One id means one work, so what it gave is of the type that it gives.
    return memo(this.#written, cells, `${originId(origin)} ${workId}`, () => {
      const source = new MemorySource(cells);
      const document = new Document(source, textPlugin);
      const tx = document.begin(origin);
      const result = work(tx);
      const joins = tx.commit();
      if (joins === undefined) return { result, change: undefined, after: cells };
      source.put(document.takeDirty());
      return { result, change: this.#change(origin, joins), after: this.intern(source.cells()) };
    }) as Written<T>;
  }

  /** The join of two states, cell by cell. */
  join<C>(kind: Lattice<C>, a: Cells, b: Cells): Cells {
    return memo(this.#joined, a, b, () => {
      const joined = new Map(a);
      for (const [key, bytes] of b) {
        const known = a.get(key);
        const cell = kind.join(decode(kind, known), decode(kind, bytes));
        joined.set(key, encodeCell(kind, cell));
      }
      return this.intern(joined);
    });
  }

  /** What shows in a state, as text. */
  show(cells: Cells, show: (document: Document) => unknown): string {
    const known = this.#shown.get(cells);
    if (known !== undefined) return known;
    const shown = JSON.stringify(show(new Document(new MemorySource(cells), textPlugin)));
    this.#shown.set(cells, shown);
    return shown;
  }

  #change(origin: Origin, joins: Uint8Array): Change {
    const id = `${originId(origin)} ${idKey(joins)}`;
    const change = this.#changes.get(id) ?? { origin, joins, number: this.#changes.size };
    this.#changes.set(id, change);
    return change;
  }
}

type Memo<K, T> = Map<Cells, Map<K, T>>;

const intern: Intern = (actor) => actor.slice() as ReturnType<Intern>;

function decode<C>(kind: Lattice<C>, bytes: Uint8Array | undefined): C {
  if (bytes === undefined) return kind.empty;
  const cell = decodeCell(kind, bytes, intern);
  assert(cell !== undefined, "a stored cell is of the kind at hand");
  return cell;
}

function originId({ stamp, actor, member }: Origin): string {
  return `${stamp} ${idKey(actor)} ${idKey(member)}`;
}

function memo<K, T>(table: Memo<K, T>, cells: Cells, key: K, compute: () => T): T {
  const row = table.get(cells) ?? new Map<K, T>();
  table.set(cells, row);
  const known = row.get(key);
  if (known !== undefined) return known;
  const computed = compute();
  row.set(key, computed);
  return computed;
}

function byKey([a]: readonly string[], [b]: readonly string[]): number {
  return String(a) < String(b) ? -1 : 1;
}
