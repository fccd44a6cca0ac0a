/**
 * Who may do what in one context: each delta's right, judged at its causal cut and, for what is not admitted yet, at
 * the cut of everything held here.
 *
 * Owns the cut of every admitted delta and the member that each actor writes for. Refused: what the author had no right
 * to say at its own cut, which is alike on every node. Kept waiting (`withheld.ts`): what the author had a right to
 * there and has no more, until another member vouches for it.
 */
import {
  type AccessState,
  type Cut,
  Cuts,
  decodeStatement,
  EMPTY_CUT,
  type Role,
  roleOfRank,
  roleRank,
} from "../access/index.ts";
import { err, idKey, must, ok, type PublicKey, type Result } from "../base/index.ts";
import { type AuthenticDelta, DELTA_PARENTS_MAX, type Graph, type Order } from "../dag/index.ts";
import { type Claim, claimOf } from "./claim.ts";
import { unendorsedAuthors } from "./unendorsed.ts";
import { Withheld } from "./withheld.ts";

export type RightsErrorCode =
  /** The author had no right to this at the delta's causal cut. */
  "DELTA_FORBIDDEN";

const READER_RANK = roleRank("reader");
const WRITER_RANK = roleRank("writer");

type GraphView = Pick<Graph, "size" | "heads" | "tipOf" | "orderOf" | "parentsOf" | "actorOf">;

export class Rights {
  readonly #graph: GraphView;
  readonly #cuts = new Cuts();
  readonly #cutByOrder: Cut[] = [];
  /** Orders of the deltas that wrote, which a reader may not. */
  readonly #writes: boolean[] = [];
  /** The epoch that each delta or an earlier one of its actor names. */
  readonly #epochByOrder: (string | undefined)[] = [];
  readonly #memberByActor = new Map<string, PublicKey>();
  readonly #withheld = new Withheld();
  /** Of everything held here, admitted or not. */
  #heldCut: Cut = EMPTY_CUT;
  /** The greatest rank that a member's admitted deltas needed. */
  readonly #usedRank = new Map<string, number>();
  #isAnyLost = false;
  #needsEndorsement: string[] | undefined;

  constructor(graph: GraphView) {
    this.#graph = graph;
  }

  /** Members and actors as all that is held here has them. */
  get state(): AccessState {
    return this.#cuts.stateAt(this.#heldCut);
  }

  /** The role that a member has by all that is held here, and would have in a delta on the present heads. */
  roleNow(member: PublicKey): Role | undefined {
    const key = idKey(member);
    const rankAt = (cut: Cut): number => this.#cuts.stateAt(cut).rankByMember.get(key) ?? 0;
    const [held, headsCut] = [rankAt(this.#heldCut), this.#headsCut()];
    return roleOfRank(headsCut === this.#heldCut ? held : Math.min(held, rankAt(headsCut)));
  }

  /** Whether anything waits for somebody to vouch for it. */
  get isAnyWithheld(): boolean {
    return this.#withheld.size > 0;
  }

  mayEnrolAtHeads(member: PublicKey, actorKey: string): boolean {
    return this.#cuts.mayEnrol(this.#headsCut(), member, actorKey);
  }

  /** Who may write at a delta's place in history, by `idKey`. */
  writersAt(order: Order): ReadonlySet<string> {
    return this.#cuts.writersAt(this.#cutOf(order));
  }

  /** Whether calls must be sealed. */
  get isSealed(): boolean {
    return this.state.epochs.all.length > 0;
  }

  /** The epoch that a delta is sealed under: its own, or that of its actor's previous one. */
  epochOf({ epoch, prevKey }: Pick<AuthenticDelta, "epoch" | "prevKey">): string | undefined {
    if (epoch) return idKey(epoch);
    const order = prevKey === undefined ? undefined : this.#graph.orderOf(prevKey);
    if (order !== undefined) return this.#epochByOrder[order];
    return prevKey === undefined ? undefined : this.#withheld.epochOf(prevKey);
  }

  /** The same of an admitted delta. */
  epochAt(order: Order): string | undefined {
    return this.#epochByOrder[order];
  }

  /** What a delta that follows these has before it. */
  stateAfter(parents: readonly Order[]): AccessState {
    return this.#cuts.stateAt(this.#cutBefore(parents));
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
    const role = this.#cuts.roleAt(this.#headsCut(), member);
    const granting = heads.filter((head) => this.#cuts.roleAt(this.#cutOf(head), member) === role).slice(0, 1);
    const parents = new Set([this.#graph.tipOf(actorKey) ?? [], granting, heads].flat());
    return [...parents].slice(0, DELTA_PARENTS_MAX);
  }

  /** The cut that a delta leaves, when its author had the right to what it says. */
  judge(delta: AuthenticDelta, parents: readonly Order[], claim: Claim): Result<Cut> {
    return this.#judgeAt(this.#cutBefore(parents), delta, this.memberOfProven(delta), parents.length === 0, claim);
  }

  /** The same of a delta that was judged before. `parents`: the header of a delta from the index does not name them. */
  cutAfter(delta: AuthenticDelta, parents: readonly Order[], claim: Claim): Cut {
    return this.#cutAfter(this.#cutBefore(parents), delta, this.memberOfProven(delta), parents.length === 0, claim);
  }

  /** Whether a delta that was judged may be admitted as things stand, or waits for somebody to vouch for it. */
  mayEnter(delta: AuthenticDelta, cut: Cut, claim: Claim): boolean {
    this.#hold(cut);
    const member = this.memberOfProven(delta);
    if (this.#hasRight(idKey(member), delta.actorKey, claim.writes) || isLeave(claim, member)) return true;
    return this.#withheld.isEndorsed(delta.key, (member) => this.#isMember(member));
  }

  /** Notes the cut of a delta that is appended to the graph in the same turn. */
  append(delta: AuthenticDelta, prev: Order | undefined, cut: Cut, { writes, epoch }: Claim): void {
    this.#cutByOrder.push(cut);
    this.#writes.push(writes);
    this.#epochByOrder.push(epoch ? idKey(epoch) : prev === undefined ? undefined : this.#epochByOrder[prev]);
    if (delta.member) this.#memberByActor.set(delta.actorKey, delta.member.slice() as PublicKey);
    this.#withheld.discard(delta.key);
    const member = idKey(this.memberOfProven(delta));
    const rank = writes ? WRITER_RANK : READER_RANK;
    if ((this.#usedRank.get(member) ?? 0) < rank) this.#usedRank.set(member, rank);
    this.#hold(cut);
    this.#needsEndorsement = undefined;
  }

  /**
   * Takes note of a proven delta that waits, when all that it follows is admitted or noted too: it may take a right
   * away, or vouch for others. True when it was noted now.
   */
  withhold(delta: AuthenticDelta, memberOfWaiting: PublicKey | undefined): boolean {
    const member = delta.member ?? this.#memberByActor.get(delta.actorKey) ?? memberOfWaiting;
    if (!member || delta.parents.length === 0 || this.#withheld.has(delta.key)) return false;
    const follows = delta.prev ? [...delta.parents, delta.prev] : delta.parents;
    const cuts = follows.map((id) => this.#cutOfHeld(idKey(id)));
    if (cuts.some((cut) => cut === undefined)) return false;
    const claim = claimOf(delta);
    const before = this.#cuts.union(cuts as Cut[]);
    const judged = this.#judgeAt(before, delta, member, false, claim);
    if (!judged.ok) return false;
    const orders = follows.flatMap((id) => this.#graph.orderOf(idKey(id)) ?? []);
    const noted = { delta, member: idKey(member), cut: judged.value, writes: claim.writes, orders };
    this.#withheld.add({ ...noted, epoch: this.epochOf(delta), isLeave: isLeave(claim, member) });
    this.#hold(judged.value);
    this.#needsEndorsement = undefined;
    return true;
  }

  /** Forgets a delta that waits here no more. */
  forget(key: string): void {
    this.#withheld.discard(key);
  }

  /** Keys of the deltas that wait for a right and need not any more. */
  takeReleased(): string[] {
    return this.#withheld.takeReleased({
      isMember: (member) => this.#isMember(member),
      hasRight: ({ delta, member, writes, isLeave }) => isLeave || this.#hasRight(member, delta.actorKey, writes),
    });
  }

  /**
   * Whether something that is admitted here waits elsewhere until somebody vouches for it, and this member may: its
   * author, another one, has lost the right to it since, and no other member's delta follows it.
   */
  needsEndorsementBy(member: PublicKey): boolean {
    if (!this.#isAnyLost || !this.roleNow(member)) return false;
    this.#needsEndorsement ??= this.#authorsUnendorsed();
    return this.#needsEndorsement.some((author) => author !== idKey(member));
  }

  #authorsUnendorsed(): string[] {
    const memberOf = (order: Order): string =>
      idKey(must(this.#memberByActor.get(idKey(this.#graph.actorOf(order))), "an admitted actor has a member"));
    return unendorsedAuthors({
      graph: this.#graph,
      withheld: this.#withheld.inOrder(),
      memberOf,
      isMember: (member) => this.#isMember(member),
      isLost: (order) => {
        const writes = this.#writes[order] === true;
        return !this.#hasRight(memberOf(order), idKey(this.#graph.actorOf(order)), writes);
      },
      isLoser: (member) => this.#hasLost(member),
    });
  }

  #judgeAt(before: Cut, delta: AuthenticDelta, member: PublicKey, isGenesis: boolean, claim: Claim): Result<Cut> {
    const forbidden = (why: string) => err<RightsErrorCode>("DELTA_FORBIDDEN", why);
    const after = this.#cutAfter(before, delta, member, isGenesis, claim);
    const role = this.#cuts.roleAt(isGenesis ? after : before, member);
    if (!role) return forbidden("its author is not a member");
    if (role === "reader" && claim.writes) return forbidden("its author may only read");
    const unsealed = isGenesis ? undefined : this.#sealingRefusal(before, delta, claim);
    if (unsealed) return forbidden(unsealed);
    if (delta.member && !this.#cuts.mayEnrol(before, member, delta.actorKey)) {
      return forbidden("too many actors of one member");
    }
    const enrolled = delta.member ?? this.#cuts.stateAt(before).actorsByMember.get(idKey(member))?.has(delta.actorKey);
    return enrolled ? ok(after) : forbidden("its actor is not enrolled among its ancestors, or was retired");
  }

  #sealingRefusal(before: Cut, delta: AuthenticDelta, { isSealed, writes }: Claim): string | undefined {
    const { epochs, usableEpochs } = this.#cuts.stateAt(before);
    if (!isSealed) return writes && epochs.all.length > 0 ? "its calls are not sealed" : undefined;
    const epoch = this.epochOf(delta);
    return epoch !== undefined && usableEpochs.includes(epoch)
      ? undefined
      : "somebody who is no member may have the key that it is sealed under";
  }

  #cutAfter(before: Cut, delta: AuthenticDelta, author: PublicKey, isGenesis: boolean, claim: Claim): Cut {
    let cut = before;
    for (const [index, bytes] of claim.statements.entries()) {
      const statement = decodeStatement(bytes);
      if (!statement || (statement.kind === "genesis" && !isGenesis)) continue;
      cut = this.#cuts.withStatement(cut, { delta: delta.key, index, author, statement });
    }
    return delta.member ? this.#cuts.withEnrolment(cut, author, delta.actorKey) : cut;
  }

  #hasRight(member: string, actorKey: string, writes: boolean): boolean {
    const { rankByMember, retiredActors } = this.state;
    const rank = rankByMember.get(member) ?? 0;
    return rank >= (writes ? WRITER_RANK : READER_RANK) && !retiredActors.has(actorKey);
  }

  #isMember(member: string): boolean {
    return this.state.rankByMember.has(member);
  }

  #hold(cut: Cut): void {
    const held = this.#cuts.union([this.#heldCut, cut]);
    if (held === this.#heldCut) return;
    this.#heldCut = held;
    this.#needsEndorsement = undefined;
    this.#withheld.reconsider();
    this.#isAnyLost = this.state.retiredActors.size > 0 || [...this.#usedRank.keys()].some((m) => this.#hasLost(m));
  }

  /** Whether a member's rank is below what some of its admitted deltas needed. */
  #hasLost(member: string): boolean {
    return (this.state.rankByMember.get(member) ?? 0) < (this.#usedRank.get(member) ?? 0);
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

  #cutOfHeld(key: string): Cut | undefined {
    const order = this.#graph.orderOf(key);
    return order === undefined ? this.#withheld.cutOf(key) : this.#cutOf(order);
  }
}

/**
 * Whether it says that its author leaves. It knows of the loss that it makes, gives nothing and takes from nobody else, so
 * it waits for nobody's word; or none would ever be told, when the one who left has gone.
 */
function isLeave({ statements, writes }: Claim, author: PublicKey): boolean {
  const [first] = statements;
  const statement = !writes && first && statements.length === 1 ? decodeStatement(first) : undefined;
  return statement?.kind === "remove" && idKey(statement.member) === idKey(author);
}
