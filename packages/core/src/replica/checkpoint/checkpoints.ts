/**
 * The checkpoints of a context, and which of them are in effect: a function of the admitted deltas, whatever their
 * order. Each names its predecessor, so those in effect are a chain.
 *
 * A checkpoint is in effect when its predecessor is, all its heads are admitted, it covers all that its predecessor
 * covers, and a majority has signed: of those who could write at its own place in history, and of those who could at
 * its predecessor's, as two majorities of one set share a member, whoever was added meanwhile. Its author has signed by
 * writing it; a member counts once. More signatures never take effect away. Were two of one predecessor in effect,
 * which needs a member who signed both, the one with the smaller id counts.
 */
import { type DeltaId, idKey, must } from "../../base/index.ts";
import type { GraphReader, Order } from "../../dag/index.ts";
import { coverOf } from "./cover.ts";
import { type CheckpointStatement, decodeCheckpointStatement } from "./statement.ts";

export interface Checkpoint {
  readonly id: DeltaId;
  /** `idKey(id)`. */
  readonly key: string;
  /** Its own delta's. */
  readonly order: Order;
  /** `idKey` of the predecessor; undefined for the first. */
  readonly predecessor: string | undefined;
  readonly heads: readonly DeltaId[];
  readonly root: Uint8Array;
  /** Members who signed, by `idKey`. */
  readonly signers: ReadonlySet<string>;
  /** Members who derived another state, by `idKey`. */
  readonly contradictedBy: ReadonlySet<string>;
}

export interface CheckpointsHost {
  readonly graph: GraphReader;
  /** Who may write at a delta's place in history, by `idKey`. */
  votersAt(order: Order): ReadonlySet<string>;
}

interface Known extends Omit<Checkpoint, "signers" | "contradictedBy"> {
  readonly author: string;
}

const FIRST = "";

export class Checkpoints {
  readonly #host: CheckpointsHost;
  readonly #known = new Map<string, Known>();
  /** Checkpoints by their predecessor, ascending by id. */
  readonly #following = new Map<string, Known[]>();
  /** Signatures may come before what they sign. */
  readonly #signers = new Map<string, Set<string>>();
  readonly #contradictions = new Map<string, Set<string>>();
  /** Once in effect, a checkpoint stays so. */
  readonly #inEffect = new Set<string>();
  #chain: readonly Known[] = [];
  #isStale = false;
  #revision = 0;
  readonly #statements = new Set<Order>();

  constructor(host: CheckpointsHost) {
    this.#host = host;
  }

  /** Counts what was said. */
  get revision(): number {
    return this.#revision;
  }

  /** Whether a delta says something of checkpoints. */
  isStatement(order: Order): boolean {
    return this.#statements.has(order);
  }

  /** Takes in what an admitted delta says, after it was appended. */
  note(id: DeltaId, order: Order, member: string, statements: readonly Uint8Array[]): void {
    for (const bytes of statements) {
      const statement = decodeCheckpointStatement(bytes);
      if (statement === undefined) continue;
      this.#note({ id, order, member }, statement);
      this.#statements.add(order);
      this.#revision++;
    }
    // A head may come after the checkpoint that names it, when its author did not follow it.
    if (this.#known.size > this.#chain.length) this.#isStale = true;
  }

  /** Those in effect, oldest first. */
  get chain(): readonly Checkpoint[] {
    this.#settle();
    return this.#chain.map((known) => this.#describe(known));
  }

  /** The last in effect. */
  get latest(): Checkpoint | undefined {
    this.#settle();
    const last = this.#chain.at(-1);
    return last && this.#describe(last);
  }

  /** Those that follow the last one, or the beginning, and may yet take effect. */
  get proposed(): readonly Checkpoint[] {
    this.#settle();
    const last = this.#chain.at(-1)?.key ?? FIRST;
    const following = this.#following.get(last) ?? [];
    return following.filter((known) => !this.#isRejected(known)).map((known) => this.#describe(known));
  }

  find(key: string): Checkpoint | undefined {
    const known = this.#known.get(key);
    return known && this.#describe(known);
  }

  /** Whether a member has signed a checkpoint of this predecessor that may take effect: it signs no other. */
  hasSigned(member: string, predecessor: string | undefined): boolean {
    const following = this.#following.get(predecessor ?? FIRST) ?? [];
    return following.some((known) => this.#signers.get(known.key)?.has(member) === true && !this.#isRejected(known));
  }

  /** Who has yet to sign, of those whose signature counts. */
  unsigned(checkpoint: Checkpoint): string[] {
    const voters = new Set(this.#voterSets(checkpoint).flatMap((set) => [...set]));
    return [...voters].filter((member) => !checkpoint.signers.has(member));
  }

  #note(by: { id: DeltaId; order: Order; member: string }, statement: CheckpointStatement): void {
    if (statement.kind !== "checkpoint") {
      const table = statement.kind === "countersign" ? this.#signers : this.#contradictions;
      addTo(table, idKey(statement.checkpoint), by.member);
      return;
    }
    const key = idKey(by.id);
    const predecessor = statement.predecessor && idKey(statement.predecessor);
    const { heads, root } = statement;
    // Of two in one delta the first counts.
    if (this.#known.has(key)) return;
    const known: Known = { id: by.id, key, order: by.order, author: by.member, predecessor, heads, root };
    this.#known.set(key, known);
    addTo(this.#signers, key, by.member);
    const following = [...(this.#following.get(predecessor ?? FIRST) ?? []), known];
    following.sort((a, b) => (a.key < b.key ? -1 : 1));
    this.#following.set(predecessor ?? FIRST, following);
  }

  #settle(): void {
    if (!this.#isStale) return;
    this.#isStale = false;
    const chain: Known[] = [];
    for (;;) {
      const last = chain.at(-1);
      const next = (this.#following.get(last?.key ?? FIRST) ?? []).find((known) => this.#isInEffect(known, last));
      if (next === undefined) break;
      chain.push(next);
    }
    this.#chain = chain;
  }

  #isInEffect(known: Known, predecessor: Known | undefined): boolean {
    if (this.#inEffect.has(known.key)) return true;
    const signers = this.#signers.get(known.key) ?? new Set();
    for (const voters of this.#voterSets(known)) {
      let signed = 0;
      for (const voter of voters) if (signers.has(voter)) signed++;
      if (2 * signed <= voters.size) return false;
    }
    const heads = this.#ordersOf(known);
    const before = predecessor === undefined ? [] : this.#ordersOf(predecessor);
    if (heads === undefined || before === undefined) return false;
    const cover = before.length === 0 ? undefined : coverOf(this.#host.graph, heads);
    if (!before.every((head) => cover?.[head] === 1)) return false;
    this.#inEffect.add(known.key);
    return true;
  }

  /** Contradicted by so many that the others are no majority. */
  #isRejected(known: Known): boolean {
    const contradictedBy = this.#contradictions.get(known.key);
    if (contradictedBy === undefined || this.#inEffect.has(known.key)) return false;
    return this.#voterSets(known).some((voters) => {
      return 2 * [...voters].filter((voter) => contradictedBy.has(voter)).length >= voters.size;
    });
  }

  #voterSets({ order, predecessor }: Pick<Known, "order" | "predecessor">): ReadonlySet<string>[] {
    // Before the first checkpoint the founder alone could write.
    const before = predecessor === undefined ? 0 : this.#known.get(predecessor)?.order;
    const own = this.#host.votersAt(order);
    if (before === undefined) return [own];
    // Who may write no more is not waited for.
    const remaining = new Set([...this.#host.votersAt(before)].filter((member) => own.has(member)));
    return remaining.size === 0 ? [own] : [own, remaining];
  }

  #ordersOf({ heads }: Pick<Known, "heads">): Order[] | undefined {
    const orders = heads.map((head) => this.#host.graph.orderOf(idKey(head)));
    return orders.some((order) => order === undefined) ? undefined : orders.map((order) => must(order, "checked"));
  }

  #describe(known: Known): Checkpoint {
    const signers = this.#signers.get(known.key) ?? new Set<string>();
    const contradictedBy = this.#contradictions.get(known.key) ?? new Set<string>();
    return { ...known, signers, contradictedBy };
  }
}

function addTo(table: Map<string, Set<string>>, key: string, member: string): void {
  table.set(key, (table.get(key) ?? new Set()).add(member));
}
