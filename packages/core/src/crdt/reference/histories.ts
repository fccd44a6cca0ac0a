/**
 * Every small history of a subject: all choices of operations and of authors, and for each step all pasts that its
 * author may have seen. Steps whose pasts are equally long have equal stamps. A history is grown step by step and is
 * listed once, in the order of stamp and actor, which extends the causal one.
 *
 * For every set of steps there is one state, whatever the order in which they arrive: shown by induction over the sets,
 * since each is reached through every step that may come last, from the stored state without it. So the check covers
 * all orders of delivery, the author's own path, joining deltas, and loading what was stored.
 *
 * With `forks` an actor may also write without having seen what it wrote itself, as two copies of one installation do:
 * two deltas with one actor and one stamp. Then replicas must agree still; on what, the model does not say.
 */
import { assert, type Stamp } from "../../base/index.ts";
import { Document } from "../document.ts";
import { textPlugin } from "../fugue-plugin.ts";
import type { Origin } from "../origin.ts";
import { actorOf, memberOf } from "./draw.ts";
import { MemorySource } from "./memory-source.ts";
import { type Cells, type Change, StateTable } from "./states.ts";
import type { ModelDelta, Subject } from "./subjects/subject.ts";

export interface HistoryOptions {
  readonly subject: Subject;
  readonly stepsMax: number;
  readonly actors: number;
  /** By how much a stamp may exceed the greatest that its author has seen. */
  readonly leaps: readonly number[];
  readonly forks: boolean;
}

/** Steps of one history, as bits. */
type StepSet = number;

interface Step {
  readonly actor: number;
  readonly operation: number;
  readonly seen: StepSet;
  readonly change: Change;
  readonly delta: ModelDelta;
}

interface History {
  readonly steps: readonly Step[];
  /** By set of steps. */
  readonly states: readonly Cells[];
}

interface Check extends HistoryOptions {
  readonly table: StateTable;
  /** Orders of changes that were run through a document in memory. */
  readonly run: Set<string>;
}

const ORDER_ACTORS = 16;
const KEY = "k";

/** How many histories there are; throws on the first that does not converge, or does not show what the model says. */
export function checkHistories(options: HistoryOptions): number {
  const check: Check = { ...options, table: new StateTable(), run: new Set() };
  const open: History[] = [{ steps: [], states: [check.table.empty] }];
  let count = 0;
  for (let history = open.pop(); history !== undefined; history = open.pop()) {
    checkWhole(check, history);
    count++;
    if (history.steps.length === check.stepsMax) continue;
    for (const step of nextSteps(check, history)) open.push(grow(check, history, step));
  }
  return count;
}

/** Every step that may come next. */
function nextSteps(check: Check, history: History): Step[] {
  const next: Step[] = [];
  for (let seen = 0; seen < history.states.length; seen++) {
    if (!isClosed(history.steps, seen)) continue;
    for (let actor = 1; actor <= check.actors; actor++) {
      if (check.forks || hasSeenOwn(history.steps, seen, actor)) next.push(...stepsOf(check, history, actor, seen));
    }
  }
  return next;
}

/** Every step of an actor who has seen these. */
function stepsOf(check: Check, history: History, actor: number, seen: StepSet): Step[] {
  const steps = check.leaps.flatMap((leap) =>
    check.subject.operations.map((_, operation) => perform(check, history, { actor, operation, seen, leap })),
  );
  return steps.filter((step) => step !== undefined);
}

/** The operation by an actor who has seen these steps; undefined for no write, and when another listing has the step. */
function perform(
  check: Check,
  { steps, states }: History,
  { actor, operation, seen, leap }: { actor: number; operation: number; seen: StepSet; leap: number },
): Step | undefined {
  const { subject, table, forks } = check;
  const past = steps.filter((_, index) => isIn(index, seen));
  const stamp = leap + past.reduce((greatest, { delta }) => Math.max(greatest, delta.stamp), 0);
  const last = steps.at(-1);
  if (last !== undefined && orderOf(last.delta.stamp, last.actor) > orderOf(stamp, actor)) return undefined;
  // Actors 1 and 2 are installations of one member.
  const origin: Origin = { stamp: stamp as Stamp, actor: actorOf(actor), member: memberOf(Math.max(2, actor)) };
  const before = states[seen] as Cells;
  const index = steps.length;
  const written = table.write(before, origin, `${operation} ${index}`, (tx) =>
    subject.operations[operation]?.(tx, index, KEY),
  );
  const { result, change, after } = written;
  const operations = result === undefined ? [] : [result];
  const delta: ModelDelta = { ...origin, operations, seen: new Set(past.map((step) => step.delta)) };
  if (change === undefined) {
    // What changed nothing is nothing new to the model either.
    checkModel(check, steps, before, [...delta.seen, delta]);
    return undefined;
  }
  const step: Step = { actor, operation, seen, change, delta };
  insist(table.apply(before, change, forks) === after, "its author and its receivers differ", subject, [
    ...steps,
    step,
  ]);
  return step;
}

/** With the states of all sets that have the new step, each reached through every step that may come last. */
function grow(check: Check, history: History, step: Step): History {
  const { subject, table, forks } = check;
  const steps = [...history.steps, step];
  const states = [...history.states];
  const count = states.length;
  for (let set = count; set < 2 * count; set++) {
    const reached = steps
      .map(({ change }, index) => isIn(index, set) && table.apply(states[set & ~(1 << index)] as Cells, change, forks))
      .filter((state) => state !== false);
    const [state] = reached;
    assert(state !== undefined, "the set has the last step");
    insist(
      reached.every((other) => other === state),
      `orders of ${bits(set)} differ`,
      subject,
      steps,
    );
    states.push(state);
    if (!isClosed(steps, set)) continue;
    const deltas = steps.filter((_, index) => isIn(index, set)).map(({ delta }) => delta);
    checkModel(check, steps, state, deltas);
  }
  return { steps, states };
}

function checkModel(check: Check, steps: readonly Step[], state: Cells, deltas: readonly ModelDelta[]): void {
  const { subject, table, forks } = check;
  if (forks || subject.model === undefined) return;
  const shown = table.show(state, subject.show);
  const expected = JSON.stringify(subject.model(deltas));
  insist(shown === expected, `shows ${shown}, not ${expected}, with ${deltas.length} deltas`, subject, steps);
}

/**
 * What the induction leaves out: the join of states, and, for all but the longest histories, a document that keeps
 * everything in memory and gets changes twice.
 */
function checkWhole(check: Check, { steps, states }: History): void {
  const { subject, table, run } = check;
  const all = states.length - 1;
  const end = states[all] as Cells;
  for (const order of steps.length < check.stepsMax ? bothWays(steps) : []) {
    const id = order.map(({ number }) => number).join(" ");
    if (run.has(id)) continue;
    run.add(id);
    const { cells, shown } = runInMemory(order, subject);
    insist(table.intern(cells) === end, "memory and store differ", subject, steps);
    const again = table.show(end, subject.show);
    insist(shown === again, `shows ${shown}, and ${again} when opened again`, subject, steps);
  }
  if (subject.lattice === undefined) return;
  for (let set = 0; set <= all; set++) {
    const joined = table.join(subject.lattice, states[set] as Cells, states[all & ~set] as Cells);
    insist(joined === end, `the states of ${bits(set)} and of the rest do not join`, subject, steps);
  }
}

function bothWays(steps: readonly Step[]): Change[][] {
  const changes = steps.map(({ change }) => change);
  return [changes, [...changes].reverse()];
}

/** One document for all, and the first change again after each. */
function runInMemory(order: readonly Change[], subject: Subject): { cells: Cells; shown: string } {
  const source = new MemorySource();
  const document = new Document(source, textPlugin);
  const [first] = order;
  for (const change of order) {
    document.apply(change.joins, change.origin);
    if (first !== undefined) document.apply(first.joins, first.origin);
  }
  const shown = JSON.stringify(subject.show(document));
  source.put(document.takeDirty());
  return { cells: source.cells(), shown };
}

function isClosed(steps: readonly Step[], set: StepSet): boolean {
  return steps.every((step, index) => !isIn(index, set) || (step.seen & ~set) === 0);
}

function hasSeenOwn(steps: readonly Step[], seen: StepSet, actor: number): boolean {
  return steps.every((step, index) => step.actor !== actor || isIn(index, seen));
}

function isIn(index: number, set: StepSet): boolean {
  return (set & (1 << index)) !== 0;
}

function orderOf(stamp: number, actor: number): number {
  return stamp * ORDER_ACTORS + actor;
}

function bits(set: StepSet): string {
  return set.toString(2);
}

function insist(holds: boolean, complaint: string, subject: Subject, steps: readonly Step[]): void {
  assert(holds, () => {
    const told = steps.map(
      ({ actor, operation, seen, delta }, index) =>
        `step ${index}: actor ${actor} at ${delta.stamp}, having seen ${bits(seen)}, does operation ${operation}`,
    );
    return `${subject.name}: ${complaint}\n${told.join("\n")}`;
  });
}
