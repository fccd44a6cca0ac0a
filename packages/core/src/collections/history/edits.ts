/**
 * What became of a text or a list between two versions, as edits: each takes away units from a place of the earlier one
 * and puts others there. Found by the ids of units, whose order never changes, so it is what was done and no guess; an
 * element that was moved is taken away in one place and put in another.
 */
import { type ActorId, actorId, bytesEqual, idKey } from "../../base/index.ts";
import {
  type ElementRun,
  encodeValue,
  type ListView,
  type TextView,
  type Value,
  type Views,
} from "../../crdt/index.ts";

export interface SequenceEdit<T> {
  /** In the earlier version. Edits ascend. */
  readonly at: number;
  /** How many units are gone from there. */
  readonly removed: number;
  /** What came in their place. */
  readonly inserted: T;
}

/** One unit of a sequence: its id, and what it holds. */
interface Unit<V> {
  readonly id: string;
  readonly held: V;
}

export function textEdits(before: TextView | undefined, after: TextView | undefined): SequenceEdit<string>[] {
  const edits = editsBetween(textUnits(before), textUnits(after), areOne(before, after) ? () => true : undefined);
  return edits.map(({ at, removed, inserted }) => ({ at, removed, inserted: inserted.join("") }));
}

export function listEdits(
  before: ListView<Views> | undefined,
  after: ListView<Views> | undefined,
): SequenceEdit<readonly Value[]>[] {
  return editsBetween(listUnits(before), listUnits(after), areOne(before, after) ? isSameValue : undefined);
}

/** Of a document that was inserted anew, the container is another one: its ids say nothing of the former's. */
function areOne(
  before: TextView | ListView<Views> | undefined,
  after: TextView | ListView<Views> | undefined,
): boolean {
  return before !== undefined && after !== undefined && bytesEqual(before.target.id, after.target.id);
}

/** Nothing is the same without `isSame`. */
function editsBetween<V>(
  before: readonly Unit<V>[],
  after: readonly Unit<V>[],
  isSame: ((a: V, b: V) => boolean) | undefined,
): SequenceEdit<V[]>[] {
  if (isSame === undefined) {
    if (before.length + after.length === 0) return [];
    return [{ at: 0, removed: before.length, inserted: after.map(({ held }) => held) }];
  }
  const [old, fresh] = [new Set(before.map(({ id }) => id)), new Set(after.map(({ id }) => id))];
  const edits: { at: number; removed: number; inserted: V[] }[] = [];
  const edit = (at: number): (typeof edits)[number] => {
    const last = edits.at(-1);
    if (last !== undefined && last.at + last.removed === at) return last;
    const next = { at, removed: 0, inserted: [] };
    edits.push(next);
    return next;
  };
  let at = 0;
  for (const unit of after) {
    if (!old.has(unit.id)) {
      edit(at).inserted.push(unit.held);
      continue;
    }
    // What is in both is in one order in both: all before it in the earlier one is gone.
    for (; before[at]?.id !== unit.id; at++) edit(at).removed++;
    const was = before[at] as Unit<V>;
    if (!isSame(was.held, unit.held)) {
      const changed = edit(at);
      changed.removed++;
      changed.inserted.push(unit.held);
    }
    at++;
  }
  for (; at < before.length; at++) if (!fresh.has((before[at] as Unit<V>).id)) edit(at).removed++;
  return edits;
}

function textUnits(text: TextView | undefined): Unit<string>[] {
  if (text === undefined) return [];
  const content = text.toString();
  return idsOf(text.runs(0, text.length)).map((id, index) => ({ id, held: content.charAt(index) }));
}

/** By the positions where the elements stand: those have one order, which elements that move have not. */
function listUnits(list: ListView<Views> | undefined): Unit<Value>[] {
  if (list === undefined) return [];
  return list.toArray().map((held, index) => {
    const element = list.elementAt(index);
    const { actor, counter } = list.traceOf(element)?.position ?? element;
    return { id: idOf(actor, counter), held };
  });
}

function idsOf(runs: readonly ElementRun[]): string[] {
  return runs.flatMap(({ actor, start, end }) => {
    const id = actorId(actor);
    return Array.from({ length: end - start }, (_, i) => idOf(id, start + i));
  });
}

function idOf(actor: ActorId, counter: number): string {
  return `${counter}/${idKey(actor)}`;
}

function isSameValue(a: Value, b: Value): boolean {
  if (a === b) return true;
  const [left, right] = [encodeValue(a), encodeValue(b)];
  return left.ok && right.ok && idKey(left.value) === idKey(right.value);
}
