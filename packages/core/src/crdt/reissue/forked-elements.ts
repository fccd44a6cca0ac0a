/**
 * What the branches of an actor lose of their texts and lists, because they made elements of one id: which joins issue
 * it again, and what is withdrawn of the ids that more than one branch has used.
 *
 * Invariant: an element that is issued again is the same whoever does it, and however much of the other branches is
 * known to whom: its id, its place and its content follow from its own branch.
 */
import { type ActorId, actorId, bytesEqual, idKey, type PublicKey } from "../../base/index.ts";
import { fieldContainerId } from "../cell-key.ts";
import { isReference } from "../content.ts";
import { type ContainerJoins, type ContainerName, decodeJoins, encodeJoins } from "../joins/joins.ts";
import type { ElementRun } from "../text/by-id.ts";
import type { Transaction } from "../transaction.ts";
import { branchActor } from "./branch-actor.ts";
import { reissueList, reissueText } from "./element-joins.ts";
import { type CounterRange, holds, type InsertedRun, insertedRuns, merged, sharedRanges, whole } from "./inserted.ts";
import { NestedCopies } from "./nested-copies.ts";

/** What a call of a branch wrote. */
export interface BranchCall {
  readonly joins: Uint8Array;
}

export interface Reissued {
  readonly joins: Uint8Array;
  /** The same without what depends on the state here: grows with what is known of the branches, and else is the same. */
  readonly pure: Uint8Array;
}

export interface ActorBranch {
  /** The id of its first delta. */
  readonly id: Uint8Array;
  /** In their order. */
  readonly calls: readonly BranchCall[];
}

type Elements = ContainerJoins<"text" | "list">;
/** Elements that come deleted, by place. */
type Hidden = Map<string, readonly CounterRange[]>;

/** A text or a list that a branch inserted into. */
interface Place {
  readonly type: "text" | "list";
  readonly name: ContainerName;
  readonly runs: InsertedRun[];
  /** What is issued again. */
  wanted: readonly CounterRange[];
  /** Ids that another branch has used too. */
  shared: readonly CounterRange[];
  /** Elements that were moved, and the counter of where to. */
  readonly moves: { readonly element: { readonly actor: ActorId; readonly counter: number }; readonly to: number }[];
}

interface ReadBranch {
  readonly branch: ActorBranch;
  readonly calls: readonly (readonly ContainerJoins[])[];
  readonly places: Map<string, Place>;
}

export class ForkedElements {
  readonly #actor: ActorId;
  readonly #member: PublicKey;
  readonly #branches: readonly ReadBranch[];

  constructor(actor: ActorId, member: PublicKey, branches: readonly ActorBranch[]) {
    this.#actor = actor;
    this.#member = member;
    this.#branches = branches.map((branch) => readBranch(branch, actor));
    for (const one of this.#branches) for (const [key, place] of one.places) this.#judge(one, key, place);
  }

  get isEmpty(): boolean {
    return this.#branches.every(({ places }) => [...places.values()].every(({ wanted }) => wanted.length === 0));
  }

  /**
   * For each call of each branch the joins that issue again what it made, undefined for none. What others have deleted
   * of it, as the transaction shows, comes deleted, unless it may have been another branch's or is here already.
   */
  reissued(transaction: Transaction): (readonly (Reissued | undefined)[])[] {
    return this.#branches.map((one) => {
      const hidden: Hidden = new Map();
      for (const [key, place] of one.places) hidden.set(key, this.#hiddenOf(transaction, one, place));
      const pure = this.#joinsOf(one, new Map());
      return this.#joinsOf(one, hidden).map((joins, i) => joins && { joins, pure: pure[i] ?? joins });
    });
  }

  /** Deletes what stands under the ids that are issued again, and lays moved elements beside places of such an id. */
  withdraw(transaction: Transaction): void {
    for (const { places } of this.#branches) {
      for (const { type, name, wanted, shared, moves } of places.values()) {
        if (wanted.length === 0) continue;
        if (type === "text") at(transaction, type, name).deleteRuns(wanted.map((range) => this.#run(range)));
        else this.#withdrawItems(transaction, name, wanted, shared, moves);
      }
    }
  }

  #withdrawItems(
    transaction: Transaction,
    name: ContainerName,
    wanted: readonly CounterRange[],
    shared: readonly CounterRange[],
    moves: Place["moves"],
  ): void {
    const list = at(transaction, "list", name);
    for (const { start, end } of wanted) {
      for (let counter = start; counter < end; counter++) list.deleteElement({ actor: this.#actor, counter });
    }
    for (const { element, to } of moves) {
      const position = list.traceOf(element)?.position;
      const isThere = position !== undefined && position.counter === to && bytesEqual(position.actor, this.#actor);
      if (isThere && holds(shared, to)) list.moveBack(element, position);
    }
  }

  #joinsOf(one: ReadBranch, hidden: Hidden): (Uint8Array | undefined)[] {
    const copies = new NestedCopies(this.#actor, branchActor(this.#member, one.branch.id));
    return one.calls.map((containers) => {
      const joins = containers.flatMap((container) => this.#reissue(one, container, hidden, copies));
      joins.push(...copies.take(containers));
      return joins.length === 0 ? undefined : encodeJoins(joins.map((join) => ({ ...join, branch: one.branch.id })));
    });
  }

  #reissue({ places }: ReadBranch, container: ContainerJoins, hidden: Hidden, copies: NestedCopies): ContainerJoins[] {
    const key = placeKey(container);
    const place = places.get(key);
    if (place === undefined || place.wanted.length === 0 || copies.isCopied(container.name)) return [];
    const { name } = container;
    if (container.type === "text") {
      const joins = reissueText(container.joins, this.#actor, place.wanted, hidden.get(key) ?? []);
      return joins === undefined ? [] : [{ type: "text", name, joins }];
    }
    if (container.type !== "list") return [];
    const joins = reissueList(container.joins, this.#actor, place.wanted);
    if (joins === undefined) return [];
    const id = typeof name === "string" ? fieldContainerId("list", name) : name;
    for (const { counter, content } of [...container.joins.births, ...container.joins.sets.map(toBirth)]) {
      if (isReference(content) && holds(place.wanted, counter)) copies.add(id, content.type, counter);
    }
    return [{ type: "list", name, joins }];
  }

  #judge(one: ReadBranch, key: string, place: Place): void {
    const others = this.#branches.filter((other) => other !== one).flatMap(({ places }) => places.get(key)?.runs ?? []);
    place.shared = merged(sharedRanges(place.runs, merged(others)));
    place.wanted = place.type === "text" ? whole(place.runs, place.shared) : place.shared;
  }

  /** Elements of a text that are deleted here and were this branch's for certain. */
  #hiddenOf(transaction: Transaction, one: ReadBranch, { type, name, wanted, shared }: Place): CounterRange[] {
    if (type !== "text" || wanted.length === 0) return [];
    const text = at(transaction, "text", name);
    const own = branchActor(this.#member, one.branch.id);
    const hidden: CounterRange[] = [];
    for (const range of wanted) {
      for (let counter = range.start; counter < range.end; counter++) {
        if (holds(shared, counter) || text.indexOf({ at: "before", actor: own, counter }) !== undefined) continue;
        const before = text.indexOf({ at: "before", actor: this.#actor, counter });
        const isDeleted = before !== undefined && before === text.indexOf({ at: "after", actor: this.#actor, counter });
        if (isDeleted) hidden.push({ start: counter, end: counter + 1 });
      }
    }
    return hidden;
  }

  #run({ start, end }: CounterRange): ElementRun {
    return { actor: this.#actor, start, end };
  }
}

function readBranch(branch: ActorBranch, actor: ActorId): ReadBranch {
  const calls = branch.calls.map(({ joins }) => decodeJoins(joins, (bytes) => actorId(bytes.slice())) ?? []);
  const places = new Map<string, Place>();
  for (const container of calls.flat()) {
    if (container.branch !== undefined || (container.type !== "text" && container.type !== "list")) continue;
    const key = placeKey(container);
    const place = places.get(key) ?? createPlace(container);
    places.set(key, place);
    place.runs.push(...insertedRuns(container.type === "text" ? container.joins : container.joins.positions));
    if (container.type !== "list") continue;
    for (const { counter, target } of container.joins.moves) {
      place.moves.push({ element: { actor: target.actor ?? actor, counter: target.counter }, to: counter });
    }
  }
  for (const { runs } of places.values()) runs.sort((a, b) => a.start - b.start);
  return { branch, calls, places };
}

function createPlace({ type, name }: Elements): Place {
  return { type, name, runs: [], wanted: [], shared: [], moves: [] };
}

function placeKey({ type, name }: ContainerJoins): string {
  return typeof name === "string" ? `${type} ${name}` : `${type}#${idKey(name)}`;
}

function toBirth({ target, content }: ContainerJoins<"list">["joins"]["sets"][number]) {
  return { counter: target.actor === undefined ? target.counter : 0, content };
}

function at<T extends "text" | "list">(transaction: Transaction, type: T, name: ContainerName) {
  return typeof name === "string" ? transaction.field(type, name) : transaction.resolve(type, name);
}
