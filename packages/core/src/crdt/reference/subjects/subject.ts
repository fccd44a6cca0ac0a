/**
 * A type of container as the checks of histories see it: a handful of operations, what shows, and what must show. A
 * type that stands in the table (`index.ts`) is put through every small history, random long ones, and forks of actors.
 *
 * The model is the meaning of the type, by definition and without cells: it is given the deltas that a replica has,
 * each with those that its author had seen, and says what shows, computed from all of them each time.
 */
import { type ActorId, compareBytes, type PublicKey, type Stamp } from "../../../base/index.ts";
import type { Lattice } from "../../cells/cell-kind.ts";
import type { Document } from "../../document.ts";
import type { Transaction } from "../../transaction.ts";

export interface Subject {
  readonly name: string;
  /** Work on fields of its own, whose names no other subject uses. */
  readonly operations: readonly Operation[];
  /** What shows, in a form that can be compared. */
  show(document: Document): unknown;
  /** What must show where these deltas, and no others, have arrived; a set of deltas that holds all its pasts. */
  readonly model: Model | undefined;
  /** The joins of whole cells, for types whose state is merged cell by cell. */
  readonly lattice: Lattice<unknown> | undefined;
}

/**
 * Performs, with a small number to make values of and a key for what has many; gives what the model is told, or
 * undefined for what is no write and no news to the model.
 */
export type Operation = (tx: Transaction, index: number, key: string) => ModelOperation | undefined;
export type Model = (deltas: readonly ModelDelta[]) => unknown;

export interface ModelOperation {
  /** Which operation of which type: no two types share one. */
  readonly kind: string;
  /** Key or element; empty where there is one only. */
  readonly key: string;
  readonly value: string | number | undefined;
}

export interface ModelDelta {
  readonly stamp: Stamp;
  readonly actor: ActorId;
  readonly member: PublicKey;
  readonly operations: readonly ModelOperation[];
  readonly seen: ReadonlySet<ModelDelta>;
}

/** An operation with its delta. */
export interface Told extends ModelOperation {
  readonly delta: ModelDelta;
}

/** The operations of these kinds, ascending by stamp and actor. */
export function told(deltas: readonly ModelDelta[], ...kinds: readonly string[]): Told[] {
  const ordered = [...deltas].sort((a, b) => a.stamp - b.stamp || compareBytes(a.actor, b.actor));
  return ordered.flatMap((delta) =>
    delta.operations.filter(({ kind }) => kinds.includes(kind)).map((operation) => ({ ...operation, delta })),
  );
}

/** Those that are the last of their delta on their key. */
export function lastWords(operations: readonly Told[]): Told[] {
  const last = new Map<ModelDelta, Map<string, Told>>();
  for (const operation of operations) {
    const byKey = last.get(operation.delta) ?? new Map<string, Told>();
    last.set(operation.delta, byKey.set(operation.key, operation));
  }
  return [...last.values()].flatMap((byKey) => [...byKey.values()]);
}
