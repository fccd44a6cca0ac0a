/**
 * A reference model of the flat types, by definition and without cells: a replica is the set of deltas it has, and what
 * it shows is computed from all of them each time. Compared with `Document` on random histories.
 */
import { type ActorId, compareBytes, type Stamp } from "../../base/index.ts";

export type ModelOperation =
  | { readonly kind: "put"; readonly key: string; readonly value: string | undefined }
  | { readonly kind: "write"; readonly value: string }
  | { readonly kind: "add"; readonly amount: number }
  | { readonly kind: "include"; readonly element: string }
  /** With the deltas that the remover had seen. */
  | { readonly kind: "exclude"; readonly element: string; readonly seen: readonly ModelDelta[] };

export interface ModelDelta {
  readonly stamp: Stamp;
  readonly actor: ActorId;
  readonly operations: readonly ModelOperation[];
}

export interface ModelState {
  readonly map: readonly (readonly [string, string])[];
  readonly register: string | undefined;
  readonly counter: number;
  readonly set: readonly string[];
}

export function stateOf(deltas: readonly ModelDelta[]): ModelState {
  const ordered = [...deltas].sort((a, b) => a.stamp - b.stamp || compareBytes(a.actor, b.actor));
  const map = new Map<string, string>();
  let register: string | undefined;
  let counter = 0;
  for (const { operations } of ordered) {
    for (const operation of operations) {
      if (operation.kind === "put" && operation.value === undefined) map.delete(operation.key);
      if (operation.kind === "put" && operation.value !== undefined) map.set(operation.key, operation.value);
      if (operation.kind === "write") register = operation.value;
      if (operation.kind === "add") counter += operation.amount;
    }
  }
  return { map: [...map].sort(([a], [b]) => (a < b ? -1 : 1)), register, counter, set: elementsOf(ordered) };
}

/** An element is in when some delta added it in the end and none removed it in the end that had seen that one. */
function elementsOf(deltas: readonly ModelDelta[]): string[] {
  const elements = new Set<string>();
  for (const adding of deltas) {
    for (const [element, word] of lastWords(adding)) {
      if (word.kind !== "include") continue;
      const isRemoved = deltas.some((removing) => {
        const theirs = lastWords(removing).get(element);
        return theirs?.kind === "exclude" && theirs.seen.includes(adding);
      });
      if (!isRemoved) elements.add(element);
    }
  }
  return [...elements].sort();
}

/** The last operation of a delta on each element. */
function lastWords(delta: ModelDelta): Map<string, Extract<ModelOperation, { element: string }>> {
  const last = new Map<string, Extract<ModelOperation, { element: string }>>();
  for (const operation of delta.operations) if ("element" in operation) last.set(operation.element, operation);
  return last;
}
