/**
 * Who may do what, judged at a delta's causal cut.
 *
 * A cut stands for the set of access events (statements and enrolments of actors) among a delta's ancestors, itself
 * included. Cuts are interned: most deltas have their parents' cut, so judging a delta is one look-up. The state at a
 * cut is a fold of that set in which order does not matter: a member's role is the greatest that an admin gave. It is
 * therefore a function of the delta and its ancestors only, the same on every node.
 */
import { assert, idKey, must, type PublicKey } from "../base/index.ts";
import { ACTORS_PER_MEMBER_MAX } from "./limits.ts";
import { type Role, roleOfRank, roleRank, type Statement } from "./statement.ts";

/** An interned set of access events. */
export type Cut = number;

export const EMPTY_CUT: Cut = 0;

/** What counts at a cut. Keys are `idKey` of the public key or actor. */
export interface AccessState {
  readonly rankByMember: ReadonlyMap<string, number>;
  readonly actorsByMember: ReadonlyMap<string, ReadonlySet<string>>;
  readonly application: Uint8Array | undefined;
  /** Members that were added by an invitation, by its nonce. */
  readonly addedByNonce: ReadonlyMap<string, ReadonlySet<string>>;
}

type AccessEvent =
  | { readonly kind: "statement"; readonly author: string; readonly statement: Statement }
  | { readonly kind: "enrolment"; readonly member: string; readonly actor: string };

const EMPTY_STATE: AccessState = {
  rankByMember: new Map(),
  actorsByMember: new Map(),
  application: undefined,
  addedByNonce: new Map(),
};

export class Cuts {
  readonly #events: AccessEvent[] = [];
  readonly #setByCut: (readonly number[])[] = [[]];
  readonly #stateByCut: AccessState[] = [EMPTY_STATE];
  readonly #cutBySet = new Map<string, Cut>([["", EMPTY_CUT]]);

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
    const actors = this.stateAt(cut).actorsByMember.get(idKey(member));
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

  /** The cut of a delta that says `statement` by `author` on top of `cut`. */
  withStatement(cut: Cut, author: PublicKey, statement: Statement): Cut {
    return this.#extend(cut, { kind: "statement", author: idKey(author), statement });
  }

  /** The cut of an actor's first delta. */
  withEnrolment(cut: Cut, member: PublicKey, actorKey: string): Cut {
    return this.#extend(cut, { kind: "enrolment", member: idKey(member), actor: actorKey });
  }

  #extend(cut: Cut, event: AccessEvent): Cut {
    // A statement counts or not at its own cut, which never changes later: an event is folded in only if it counts.
    if (!counts(this.stateAt(cut), event)) return cut;
    this.#events.push(event);
    return this.#intern([...this.#set(cut), this.#events.length - 1]);
  }

  #intern(set: readonly number[]): Cut {
    const name = set.join(",");
    const known = this.#cutBySet.get(name);
    if (known !== undefined) return known;
    const cut = this.#setByCut.length;
    this.#setByCut.push(set);
    this.#stateByCut.push(foldEvents(set.map((event) => must(this.#events[event], "a recorded event"))));
    this.#cutBySet.set(name, cut);
    return cut;
  }

  #set(cut: Cut): readonly number[] {
    return must(this.#setByCut[cut], "an interned cut");
  }
}

function counts(state: AccessState, event: AccessEvent): boolean {
  if (event.kind === "enrolment") return true;
  if (event.statement.kind === "genesis") return state.application === undefined && state.rankByMember.size === 0;
  return state.rankByMember.get(event.author) === roleRank("admin");
}

function foldEvents(events: readonly AccessEvent[]): AccessState {
  const rankByMember = new Map<string, number>();
  const actorsByMember = new Map<string, Set<string>>();
  const addedByNonce = new Map<string, Set<string>>();
  let application: Uint8Array | undefined;
  const raise = (member: string, role: Role): void => {
    rankByMember.set(member, Math.max(rankByMember.get(member) ?? 0, roleRank(role)));
  };
  for (const event of events) {
    if (event.kind === "enrolment") {
      const actors = actorsByMember.get(event.member) ?? new Set<string>();
      actorsByMember.set(event.member, actors.add(event.actor));
    } else if (event.statement.kind === "genesis") {
      assert(application === undefined, "one genesis per context");
      application = event.statement.application;
      raise(event.author, "admin");
    } else {
      const { member, role, nonce } = event.statement;
      raise(idKey(member), role);
      addedByNonce.set(idKey(nonce), (addedByNonce.get(idKey(nonce)) ?? new Set()).add(idKey(member)));
    }
  }
  return { rankByMember, actorsByMember, application, addedByNonce };
}
