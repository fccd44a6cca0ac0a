/**
 * A member's rank from the statements about it that count: a fold in which order does not matter.
 *
 * A removal or a set role holds until somebody who knows of it says otherwise: what was given without knowing of it is
 * taken with it, and of several takings that do not know of each other the lowest holds. So what is taken is never
 * given back by what was already under way.
 */
import { givenRank, type Precedes, type StatementEvent, takenTo } from "./events.ts";

export interface Sides {
  readonly given: readonly StatementEvent[];
  readonly taken: readonly StatementEvent[];
}

export const NO_SIDES: Sides = { given: [], taken: [] };

/** 0 for who is no member. */
export function rankOf({ given, taken }: Sides, precedes: Precedes): number {
  let rank = 0;
  for (const grant of given) {
    if (taken.every((taking) => precedes(taking, grant))) rank = Math.max(rank, givenRank(grant) ?? 0);
  }
  return taken.length === 0 ? rank : Math.max(rank, lowestTaken(taken, precedes));
}

/** Of the takings that no other was made with knowledge of, the lowest rank left. */
function lowestTaken(taken: readonly StatementEvent[], precedes: Precedes): number {
  const latest = taken.filter((taking) => !taken.some((other) => precedes(taking, other)));
  return Math.min(...latest.map((taking) => takenTo(taking) ?? 0));
}

/** What is said about each member, by its key. */
export function sidesByMember(
  events: Iterable<StatementEvent>,
  memberOf: (event: StatementEvent) => string | undefined,
): Map<string, { given: StatementEvent[]; taken: StatementEvent[] }> {
  const sides = new Map<string, { given: StatementEvent[]; taken: StatementEvent[] }>();
  for (const event of events) {
    const member = memberOf(event);
    if (member === undefined) continue;
    const of = sides.get(member) ?? { given: [], taken: [] };
    sides.set(member, of);
    if (takenTo(event) === undefined) of.given.push(event);
    else of.taken.push(event);
  }
  return sides;
}
