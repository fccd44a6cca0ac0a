/**
 * The slow reference for who may do what: a history is a list of statements, each with the set of those that its author
 * knew of, as bits. Everything is computed again for each set from the rules as `docs/design/access.md` words them,
 * without interning, sides, or anything carried from one set to the next.
 */

/** What a statement says of a member: the rank it sets (0 removes), or, as "add", a rank that it gives at least. */
export interface SlowStatement {
  readonly author: number;
  readonly member: number;
  readonly says: "add" | "set";
  readonly rank: number;
  /** The statements before it, as bits: closed downwards. */
  readonly past: number;
}

const ADMIN = 3;

export class SlowJudge {
  readonly #history: readonly SlowStatement[];
  readonly #members: number;
  readonly #memo = new Map<number, readonly number[]>();

  /** The first statement founds the context: it needs no right. */
  constructor(history: readonly SlowStatement[], members: number) {
    this.#history = history;
    this.#members = members;
  }

  /** The rank of each member at the cut that holds these statements. */
  ranks(set: number): readonly number[] {
    const known = this.#memo.get(set);
    if (known) return known;
    const ranks = this.#withSenior(this.#counted(set));
    this.#memo.set(set, ranks);
    return ranks;
  }

  /** The statements of the set that their authors could say at all. */
  #said(set: number): number[] {
    return this.#numbers(set).filter((at) => {
      const { author, past } = this.#at(at);
      return (
        at === 0 || this.ranks(past)[author] === ADMIN || (this.#isLeave(at) && (this.ranks(past)[author] ?? 0) > 0)
      );
    });
  }

  #counted(set: number): number[] {
    const said = this.#said(set);
    const status = new Map(said.map((at) => [at, at === 0 || this.#isLeave(at) ? "in" : "open"]));
    const are = (...kinds: string[]): number[] => said.filter((at) => kinds.includes(status.get(at) as string));
    for (;;) {
      const changes = are("open").flatMap((at): (readonly [number, "in" | "out"])[] => {
        const attackers = this.#attackers(at, said);
        const best = this.#isSupported(at, [...are("in"), ...are("open").filter((other) => !this.#isTaking(other))]);
        const worst = this.#isSupported(at, [...are("in"), ...are("open").filter((other) => this.#isTaking(other))]);
        if (!best || attackers.some((other) => status.get(other) === "in")) return [[at, "out"]];
        if (worst && attackers.every((other) => status.get(other) === "out")) return [[at, "in"]];
        return [];
      });
      const decided = changes.length > 0 ? changes : this.#rings(are("open"), said).map((at) => [at, "in"] as const);
      if (decided.length === 0) return are("in");
      for (const [at, to] of decided) status.set(at, to);
    }
  }

  /** Open takings that decide about themselves, and about everything that decides about them. */
  #rings(open: readonly number[], said: readonly number[]): number[] {
    const decides = new Map<string, boolean>();
    for (const a of open) {
      const { author, past } = this.#at(a);
      for (const b of open) {
        const supports = (past & (1 << b)) !== 0 && this.#at(b).member === author;
        decides.set(`${b}>${a}`, supports || this.#attackers(a, said).includes(b));
      }
    }
    for (const via of open) {
      for (const from of open) {
        for (const to of open) {
          if (decides.get(`${from}>${via}`) && decides.get(`${via}>${to}`)) decides.set(`${from}>${to}`, true);
        }
      }
    }
    return open.filter((at) => {
      const over = open.filter((other) => decides.get(`${other}>${at}`));
      return this.#isTaking(at) && over.includes(at) && over.every((other) => decides.get(`${at}>${other}`));
    });
  }

  #attackers(at: number, said: readonly number[]): number[] {
    return said.filter((other) => {
      if (!this.#isTaking(other) || this.#at(other).member !== this.#at(at).author || other === at) return false;
      const areApart = !this.#knows(at, other) && !this.#knows(other, at);
      return areApart && !said.some((later) => this.#confirms(later, at, other, said));
    });
  }

  #confirms(later: number, at: number, attacker: number, said: readonly number[]): boolean {
    const { author } = this.#at(later);
    if (author === this.#at(at).author || later === attacker) return false;
    if (!this.#knows(later, at) || this.#knows(later, attacker)) return false;
    return this.ranks(this.#at(attacker).past)[author] === ADMIN && this.#rank(author, said) === ADMIN;
  }

  #isSupported(at: number, counted: readonly number[]): boolean {
    const { author, past } = this.#at(at);
    const before = this.ranks(past);
    const byRank = this.#rank(
      author,
      counted.filter((other) => (past & (1 << other)) !== 0),
    );
    return byRank === ADMIN || (before[author] === ADMIN && this.#seniorOf(past) === author);
  }

  #rank(member: number, counted: readonly number[]): number {
    const about = counted.filter((at) => this.#at(at).member === member);
    const taken = about.filter((at) => this.#isTaking(at));
    const latest = taken.filter((at) => !taken.some((other) => this.#knows(other, at)));
    const given = about.filter((at) => !this.#isTaking(at) && taken.every((other) => this.#knows(at, other)));
    const left = latest.length > 0 ? Math.min(...latest.map((at) => this.#at(at).rank)) : 0;
    return Math.max(left, 0, ...given.map((at) => this.#at(at).rank));
  }

  #withSenior(counted: readonly number[]): number[] {
    const ranks = Array.from({ length: this.#members }, (_, member) => this.#rank(member, counted));
    const senior = this.#firstAdded(ranks, counted);
    if (senior !== undefined) ranks[senior] = ADMIN;
    return ranks;
  }

  /** Who is admin because no admin is left. */
  #seniorOf(set: number): number | undefined {
    const counted = this.#counted(set);
    return this.#firstAdded(
      Array.from({ length: this.#members }, (_, member) => this.#rank(member, counted)),
      counted,
    );
  }

  #firstAdded(ranks: readonly number[], counted: readonly number[]): number | undefined {
    if (ranks.includes(ADMIN)) return undefined;
    const gave = counted.filter((at) => !this.#isTaking(at) && (ranks[this.#at(at).member] ?? 0) > 0);
    const depth = (at: number): number => this.#said(this.#at(at).past).length;
    const first = gave.sort((a, b) => depth(a) - depth(b) || a - b)[0];
    return first === undefined ? undefined : this.#at(first).member;
  }

  #isTaking(at: number): boolean {
    const { says, rank } = this.#at(at);
    return says === "set" && rank < ADMIN;
  }

  #isLeave(at: number): boolean {
    const { author, member, rank } = this.#at(at);
    return author === member && this.#isTaking(at) && rank === 0;
  }

  #knows(later: number, earlier: number): boolean {
    return (this.#at(later).past & (1 << earlier)) !== 0;
  }

  #numbers(set: number): number[] {
    return [...this.#history.keys()].filter((at) => (set & (1 << at)) !== 0);
  }

  #at(at: number): SlowStatement {
    return this.#history[at] as SlowStatement;
  }
}
