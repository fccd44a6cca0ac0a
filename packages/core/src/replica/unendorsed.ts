/**
 * Which admitted deltas wait elsewhere: their authors have lost the right to them, and no other member's delta follows.
 *
 * Goes down from the heads and hands on who has written what follows, two members at most. It ends where everything
 * below is followed by a member who has lost nothing, or by two: so what is old costs nothing.
 */
import { idKey } from "../base/index.ts";
import type { Graph, Order } from "../dag/index.ts";
import type { WithheldDelta } from "./withheld.ts";

interface EndorsementView {
  readonly graph: Pick<Graph, "size" | "heads" | "parentsOf">;
  /** In topological order. */
  readonly withheld: readonly WithheldDelta[];
  readonly memberOf: (order: Order) => string;
  readonly isMember: (member: string) => boolean;
  /** Whether the author has lost the right to it. */
  readonly isLost: (order: Order) => boolean;
  /** Whether a member has lost the right to anything that is admitted. */
  readonly isLoser: (member: string) => boolean;
}

/** The authors of such deltas. */
export function unendorsedAuthors(view: EndorsementView): string[] {
  const { graph, memberOf, isMember, isLost, isLoser } = view;
  const open = new Open(isLoser);
  for (const head of graph.heads()) open.handOn(head, []);
  for (const [order, members] of followedByWithheld(view)) open.handOn(order, members);
  const authors = new Set<string>();
  for (let order = graph.size - 1; order >= 0 && open.isOpen; order--) {
    const above = open.take(order);
    if (!above) continue;
    const author = memberOf(order);
    if (isLost(order) && ![...above].some((member) => member !== author)) authors.add(author);
    const on = isMember(author) ? [...above, author] : [...above];
    for (const parent of graph.parentsOf(order)) open.handOn(parent, on);
  }
  return [...authors];
}

/** Orders that have been reached and not yet looked at, with who wrote what follows them. */
class Open {
  readonly #isLoser: (member: string) => boolean;
  readonly #above = new Map<Order, Set<string>>();
  #unsettled = 0;

  constructor(isLoser: (member: string) => boolean) {
    this.#isLoser = isLoser;
  }

  get isOpen(): boolean {
    return this.#unsettled > 0;
  }

  handOn(order: Order, members: readonly string[]): void {
    const known = this.#above.get(order);
    const above = known ?? new Set<string>();
    const wasSettled = known !== undefined && this.#isSettled(known);
    for (const member of members) if (!this.#isSettled(above)) above.add(member);
    this.#above.set(order, above);
    if (wasSettled) return;
    if (!known) this.#unsettled++;
    if (this.#isSettled(above)) this.#unsettled--;
  }

  take(order: Order): ReadonlySet<string> | undefined {
    const above = this.#above.get(order);
    if (!above) return undefined;
    this.#above.delete(order);
    if (!this.#isSettled(above)) this.#unsettled--;
    return above;
  }

  /** Whether every loser's delta below is followed by another member's. */
  #isSettled(above: ReadonlySet<string>): boolean {
    return above.size > 1 || [...above].some((member) => !this.#isLoser(member));
  }
}

function followedByWithheld({ withheld, isMember }: EndorsementView): Map<Order, string[]> {
  const followers = new Map<string, Set<string>>();
  const byOrder = new Map<Order, string[]>();
  for (const { delta, member, orders } of [...withheld].reverse()) {
    const above = new Set([...(followers.get(delta.key) ?? []), ...(isMember(member) ? [member] : [])]);
    for (const id of delta.parents) {
      const key = idKey(id);
      followers.set(key, new Set([...(followers.get(key) ?? []), ...above]));
    }
    for (const order of orders) byOrder.set(order, [...(byOrder.get(order) ?? []), ...above]);
  }
  return byOrder;
}
