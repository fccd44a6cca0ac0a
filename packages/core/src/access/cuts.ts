/**
 * Who may do what, judged at a delta's causal cut.
 *
 * A cut stands for the set of access events (statements and enrolments of actors) among a delta's ancestors, itself
 * included. Cuts are interned: most deltas have their parents' cut, so judging a delta is one look-up. The state at a
 * cut is a function of that set and of who knew of what (`counting.ts`, `state.ts`), and so of the delta and its
 * ancestors only: the same on every node.
 *
 * Refused: a statement that its author has no right to at its own cut never becomes part of a cut.
 */
import { idKey, must, type PublicKey } from "../base/index.ts";
import { countedOf, type Log } from "./counting.ts";
import { type AccessEvent, ADMIN_RANK, type Enrolment, type StatementEvent } from "./events.ts";
import { ACTORS_PER_MEMBER_MAX } from "./limits.ts";
import { type AccessState, EMPTY_STATE, foldState } from "./state.ts";
import { type Role, roleOfRank, roleRank, type Statement } from "./statement.ts";

/** An interned set of access events. */
export type Cut = number;

export const EMPTY_CUT: Cut = 0;

const WRITER_RANK = roleRank("writer");

/** A delta's statement: `delta` is its key, `index` the statement's place in it. */
export interface Said {
  readonly delta: string;
  readonly index: number;
  readonly author: PublicKey;
  readonly statement: Statement;
}

export class Cuts {
  readonly #events: AccessEvent[] = [];
  readonly #beforeByEvent = new Map<StatementEvent, Cut>();
  readonly #numberByEvent = new Map<AccessEvent, number>();
  /** A delta may be judged more than once, and its statements are the same ones then. */
  readonly #eventByName = new Map<string, AccessEvent>();
  readonly #setByCut: (readonly number[])[] = [[]];
  readonly #stateByCut: AccessState[] = [EMPTY_STATE];
  readonly #cutBySet = new Map<string, Cut>([["", EMPTY_CUT]]);
  readonly #log: Log = {
    precedes: (earlier, later) => this.#precedes(earlier, later),
    rankBefore: (event, member) => this.stateAt(this.#before(event)).rankByMember.get(member) ?? 0,
  };

  stateAt(cut: Cut): AccessState {
    return must(this.#stateByCut[cut], "an interned cut");
  }

  roleAt(cut: Cut, member: PublicKey): Role | undefined {
    return roleOfRank(this.stateAt(cut).rankByMember.get(idKey(member)) ?? 0);
  }

  /** Who may write at a cut, by `idKey`. */
  writersAt(cut: Cut): ReadonlySet<string> {
    const ranks = [...this.stateAt(cut).rankByMember];
    return new Set(ranks.flatMap(([member, rank]) => (rank >= roleRank("writer") ? [member] : [])));
  }

  /** True when the actor may be enrolled for the member: it is there already, or there is room for one more. */
  mayEnrol(cut: Cut, member: PublicKey, actorKey: string): boolean {
    const { actorsByMember, retiredActors } = this.stateAt(cut);
    const actors = actorsByMember.get(idKey(member));
    if (retiredActors.has(actorKey)) return false;
    return !actors || actors.has(actorKey) || actors.size < ACTORS_PER_MEMBER_MAX;
  }

  /** The cut of a delta's parents together. */
  union(cuts: readonly Cut[]): Cut {
    const [first = EMPTY_CUT, ...rest] = cuts;
    if (rest.every((cut) => cut === first)) return first;
    const events = new Set<number>();
    for (const cut of cuts) for (const event of this.#set(cut)) events.add(event);
    return this.#intern([...events].sort((a, b) => a - b));
  }

  /** The cut of a delta that says this on top of `cut`: the same one when its author may not say so there. */
  withStatement(cut: Cut, { delta, index, author: by, statement }: Said): Cut {
    const author = idKey(by);
    const state = this.stateAt(cut);
    if (!mayBeSaid(state, author, statement)) return cut;
    const id = delta + String.fromCharCode(index);
    const event: StatementEvent = {
      kind: "statement",
      id,
      author,
      statement,
      depth: this.#set(cut).length,
      needsAdmin: needsAdmin(state, author, statement),
      bySeniority: state.senior === author,
    };
    return this.#extend(cut, id, event);
  }

  /** The cut of an actor's first delta. */
  withEnrolment(cut: Cut, member: PublicKey, actorKey: string): Cut {
    return this.#extend(cut, actorKey, { kind: "enrolment", member: idKey(member), actor: actorKey });
  }

  #extend(cut: Cut, name: string, event: AccessEvent): Cut {
    const known = this.#eventByName.get(name);
    if (known) return this.#with(cut, known);
    this.#eventByName.set(name, event);
    this.#numberByEvent.set(event, this.#events.length);
    this.#events.push(event);
    if (event.kind === "statement") this.#beforeByEvent.set(event, cut);
    return this.#with(cut, event);
  }

  #with(cut: Cut, event: AccessEvent): Cut {
    const set = this.#set(cut);
    const number = must(this.#numberByEvent.get(event), "a recorded event");
    return set.includes(number) ? cut : this.#intern([...set, number].sort((a, b) => a - b));
  }

  #intern(set: readonly number[]): Cut {
    const name = set.join(",");
    const known = this.#cutBySet.get(name);
    if (known !== undefined) return known;
    const cut = this.#setByCut.length;
    this.#setByCut.push(set);
    this.#stateByCut.push(this.#judge(set));
    this.#cutBySet.set(name, cut);
    return cut;
  }

  #judge(set: readonly number[]): AccessState {
    const statements: StatementEvent[] = [];
    const enrolments: Enrolment[] = [];
    for (const number of set) {
      const event = must(this.#events[number], "a recorded event");
      if (event.kind === "statement") statements.push(event);
      else enrolments.push(event);
    }
    const counted = countedOf(statements, this.#log);
    const precedes = this.#log.precedes;
    return foldState([...counted], enrolments, precedes);
  }

  /** By halves: the numbers of a set ascend. */
  #precedes(earlier: StatementEvent, later: StatementEvent): boolean {
    const number = must(this.#numberByEvent.get(earlier), "a recorded event");
    const set = this.#set(this.#before(later));
    let [low, high] = [0, set.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (must(set[middle], "within the set") < number) low = middle + 1;
      else high = middle;
    }
    return set[low] === number;
  }

  #before(event: StatementEvent): Cut {
    return must(this.#beforeByEvent.get(event), "a recorded event");
  }

  #set(cut: Cut): readonly number[] {
    return must(this.#setByCut[cut], "an interned cut");
  }
}

function mayBeSaid(state: AccessState, author: string, statement: Statement): boolean {
  const rank = state.rankByMember.get(author) ?? 0;
  switch (statement.kind) {
    case "genesis":
      return state.application === undefined && state.rankByMember.size === 0;
    case "epoch":
      return rank >= WRITER_RANK;
    case "hand": {
      const epoch = state.epochs.byKey.get(idKey(statement.epoch));
      return rank > 0 && epoch?.holders.has(author) === true && state.rankByMember.has(idKey(statement.member));
    }
    case "ask":
      return rank > 0 && state.epochs.byKey.has(idKey(statement.epoch));
    default:
      return rank >= (needsAdmin(state, author, statement) ? ADMIN_RANK : 1);
  }
}

/** Whether only an admin may say it. Who leaves, or speaks of an actor of its own, needs nobody's leave. */
function needsAdmin({ actorsByMember }: AccessState, author: string, statement: Statement): boolean {
  switch (statement.kind) {
    case "add":
    case "role":
    case "upgrade":
      return true;
    case "remove":
      return idKey(statement.member) !== author;
    case "retire":
    case "dormant":
    case "awake":
      return !actorsByMember.get(author)?.has(idKey(statement.actor));
    default:
      return false;
  }
}
