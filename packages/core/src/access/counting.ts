/**
 * Which access statements count at a cut: a function of the statements in it and of who knew of which.
 *
 * A statement that needs an admin is *attacked* by each one that takes that right from its author without either
 * knowing of the other, and is void if an attacker counts. So whoever is removed cannot undo it with statements on old
 * parents. Exceptions:
 *   - *confirmed*: another admin, one whom the attacker's author knew as such and from whom nothing takes it, said
 *     something after the statement and without knowing of the attacker;
 *   - *rings*: admins who remove each other, directly or in a ring, are all out.
 * Besides, its author's own right must come from statements that count (its *support*).
 *
 * Decided as in Dung, "On the acceptability of arguments" (1995), the grounded way: in when all attackers are out and
 * the support holds whatever becomes of the rest; out when an attacker is in or the support cannot hold. What is left
 * then hangs on rings: in each ring that hangs on nothing else all takings are in, and it goes on.
 */
import { ADMIN_RANK, memberOf, type Precedes, type StatementEvent, takenTo } from "./events.ts";
import { NO_SIDES, rankOf, type Sides, sidesByMember } from "./ranks.ts";

export interface Log {
  readonly precedes: Precedes;
  /** The rank that a member had at the cut before a statement. */
  readonly rankBefore: (event: StatementEvent, member: string) => number;
}

interface Case {
  readonly event: StatementEvent;
  readonly attackers: readonly StatementEvent[];
  /** What is said of its author before it. */
  readonly support: Sides;
}

/** Those of `events`, each of which its author had the right to at its own cut, that count together. */
export function countedOf(events: readonly StatementEvent[], log: Log): ReadonlySet<StatementEvent> {
  const sides = sidesByMember(events, memberOf);
  if (![...sides.values()].some(({ taken }) => taken.length > 0)) return new Set(events);
  return new Labelling(events, sides, log).counted();
}

class Labelling {
  readonly #log: Log;
  readonly #in = new Set<StatementEvent>();
  readonly #out = new Set<StatementEvent>();
  #open: Case[] = [];

  constructor(events: readonly StatementEvent[], sides: ReadonlyMap<string, Sides>, log: Log) {
    this.#log = log;
    for (const event of events) {
      if (!event.needsAdmin) this.#in.add(event);
      else this.#open.push(caseOf(event, events, sides, log));
    }
  }

  counted(): ReadonlySet<StatementEvent> {
    while (this.#open.length > 0) {
      if (!this.#decide()) this.#breakRings();
    }
    return this.#in;
  }

  /** Whether anything was decided. */
  #decide(): boolean {
    const open: Case[] = [];
    for (const of of this.#open) {
      if (of.attackers.some((attacker) => this.#in.has(attacker)) || !this.#supported(of, "best")) {
        this.#out.add(of.event);
      } else if (of.attackers.every((attacker) => this.#out.has(attacker)) && this.#supported(of, "worst")) {
        this.#in.add(of.event);
      } else open.push(of);
    }
    const decided = open.length < this.#open.length;
    this.#open = open;
    return decided;
  }

  /** Whether the author's right holds if what is open turns out best, or worst, for it. */
  #supported({ event, support }: Case, outcome: "best" | "worst"): boolean {
    if (event.bySeniority) return true;
    const isIn = (said: StatementEvent): boolean => this.#in.has(said);
    const isNotOut = (said: StatementEvent): boolean => !this.#out.has(said);
    const given = support.given.filter(outcome === "best" ? isNotOut : isIn);
    const taken = support.taken.filter(outcome === "best" ? isIn : isNotOut);
    return rankOf({ given, taken }, this.#log.precedes) === ADMIN_RANK;
  }

  /** All takings of each ring that hangs on nothing open outside it are in. */
  #breakRings(): void {
    const reached = new Map(this.#open.map((of) => [of.event, this.#reachedFrom(of)]));
    const won = this.#open.filter(({ event }) => {
      if (takenTo(event) === undefined) return false;
      const ring = reached.get(event) ?? new Set();
      return ring.has(event) && [...ring].every((other) => reached.get(other)?.has(event));
    });
    for (const { event } of won) this.#in.add(event);
    this.#open = this.#open.filter(({ event }) => !this.#in.has(event));
  }

  /** What is open and decides, directly or in steps, about this. */
  #reachedFrom(from: Case): Set<StatementEvent> {
    const caseByEvent = new Map(this.#open.map((of) => [of.event, of]));
    const reached = new Set<StatementEvent>();
    const left = [from];
    for (let next = left.pop(); next; next = left.pop()) {
      for (const event of [...next.attackers, ...next.support.given, ...next.support.taken]) {
        const of = caseByEvent.get(event);
        if (!of || reached.has(event)) continue;
        reached.add(event);
        left.push(of);
      }
    }
    return reached;
  }
}

function caseOf(
  event: StatementEvent,
  events: readonly StatementEvent[],
  sides: ReadonlyMap<string, Sides>,
  log: Log,
): Case {
  const { precedes } = log;
  const said = sides.get(event.author) ?? NO_SIDES;
  const before = (other: StatementEvent): boolean => precedes(other, event);
  const attackers = said.taken.filter((taking) => {
    const isApart = taking !== event && !before(taking) && !precedes(event, taking);
    return isApart && !isConfirmed(event, taking, events, sides, log);
  });
  return { event, attackers, support: { given: said.given.filter(before), taken: said.taken.filter(before) } };
}

function isConfirmed(
  event: StatementEvent,
  attacker: StatementEvent,
  events: readonly StatementEvent[],
  sides: ReadonlyMap<string, Sides>,
  { precedes, rankBefore }: Log,
): boolean {
  return events.some((later) => {
    const { author } = later;
    if (author === event.author || later === attacker) return false;
    if (!precedes(event, later) || precedes(attacker, later)) return false;
    const isAdmin = rankOf(sides.get(author) ?? NO_SIDES, precedes) === ADMIN_RANK;
    return isAdmin && rankBefore(attacker, author) === ADMIN_RANK;
  });
}
