/**
 * Who may do what in one context: each delta's right, judged at its causal cut.
 *
 * Owns the cut of every admitted delta and the member that each actor writes for. A verdict is a function of the delta
 * and its ancestors alone, so it is the same on every node. Refused: what the author had no right to say at its cut.
 */
import { type AccessState, type Cut, Cuts, decodeStatement, type Role } from "../access/index.ts";
import { err, idKey, must, ok, type PublicKey, type Result } from "../base/index.ts";
import { type AuthenticDelta, DELTA_PARENTS_MAX, type Graph, type Order } from "../dag/index.ts";
import { statementsOf } from "./apply.ts";
import type { PayloadEntry } from "./payload.ts";

export type RightsErrorCode =
  /** The author had no right to this at the delta's causal cut. */
  "DELTA_FORBIDDEN";

export class Rights {
  readonly #graph: Pick<Graph, "heads" | "tipOf">;
  readonly #cuts = new Cuts();
  readonly #cutByOrder: Cut[] = [];
  readonly #memberByActor = new Map<string, PublicKey>();

  constructor(graph: Pick<Graph, "heads" | "tipOf">) {
    this.#graph = graph;
  }

  /** Members and actors as a delta on all present heads has them. */
  stateAtHeads(): AccessState {
    return this.#cuts.stateAt(this.#headsCut());
  }

  roleAtHeads(member: PublicKey): Role | undefined {
    return this.#cuts.roleAt(this.#headsCut(), member);
  }

  mayEnrolAtHeads(member: PublicKey, actorKey: string): boolean {
    return this.#cuts.mayEnrol(this.#headsCut(), member, actorKey);
  }

  /** Who may write at a delta's place in history, by `idKey`. */
  writersAt(order: Order): ReadonlySet<string> {
    return this.#cuts.writersAt(this.#cutOf(order));
  }

  /** The member that an enrolled actor writes for. */
  memberOf(actorKey: string): PublicKey | undefined {
    return this.#memberByActor.get(actorKey);
  }

  memberOfProven(delta: AuthenticDelta): PublicKey {
    return must(delta.member ?? this.#memberByActor.get(delta.actorKey), "a proven delta has a known member");
  }

  /**
   * What a delta of this member and actor follows: all heads, or, of more than a delta may have, ones that leave its
   * author's enrolment and greatest role among its ancestors.
   */
  parentsFor(member: PublicKey, actorKey: string): Order[] {
    const heads = this.#graph.heads();
    if (heads.length <= DELTA_PARENTS_MAX) return heads;
    const role = this.roleAtHeads(member);
    const granting = heads.filter((head) => this.#cuts.roleAt(this.#cutOf(head), member) === role).slice(0, 1);
    const parents = new Set([this.#graph.tipOf(actorKey) ?? [], granting, heads].flat());
    return [...parents].slice(0, DELTA_PARENTS_MAX);
  }

  /** The cut that the delta leaves, when its author had the right to what it says. */
  judge(delta: AuthenticDelta, parents: readonly Order[], entries: readonly PayloadEntry[]): Result<Cut> {
    const forbidden = (why: string) => err<RightsErrorCode>("DELTA_FORBIDDEN", why);
    const member = this.memberOfProven(delta);
    const before = this.#cutBefore(parents);
    if (parents.length > 0 && !this.#cuts.roleAt(before, member)) return forbidden("its author is not a member");
    const after = this.cutAfter(delta, parents, entries);
    const role = this.#cuts.roleAt(after, member);
    if (!role) return forbidden("its author is not a member");
    if (role === "reader" && entries.some((entry) => entry.kind === "call"))
      return forbidden("its author may only read");
    if (delta.member && !this.#cuts.mayEnrol(before, member, delta.actorKey)) {
      return forbidden("too many actors of one member");
    }
    const enrolled = this.#cuts.stateAt(after).actorsByMember.get(idKey(member));
    return enrolled?.has(delta.actorKey) ? ok(after) : forbidden("its actor is not enrolled among its ancestors");
  }

  /** The same of a delta that was judged before. `parents`: the header of a delta from the index does not name them. */
  cutAfter(delta: AuthenticDelta, parents: readonly Order[], entries: readonly PayloadEntry[]): Cut {
    const member = this.memberOfProven(delta);
    let cut = this.#cutBefore(parents);
    for (const [index, said] of statementsOf(entries).entries()) {
      const statement = decodeStatement(said);
      if (!statement || (statement.kind === "genesis" && parents.length > 0)) continue;
      cut = this.#cuts.withStatement(cut, { delta: delta.key, index, author: member, statement });
    }
    return delta.member ? this.#cuts.withEnrolment(cut, member, delta.actorKey) : cut;
  }

  /** Notes the cut of a delta that is appended to the graph in the same turn. */
  append(delta: AuthenticDelta, cut: Cut): void {
    this.#cutByOrder.push(cut);
    if (delta.member) this.#memberByActor.set(delta.actorKey, delta.member.slice() as PublicKey);
  }

  #headsCut(): Cut {
    return this.#cutBefore(this.#graph.heads());
  }

  #cutBefore(parents: readonly Order[]): Cut {
    return this.#cuts.union(parents.map((order) => this.#cutOf(order)));
  }

  #cutOf(order: Order): Cut {
    return must(this.#cutByOrder[order], "every admitted delta has a cut");
  }
}
