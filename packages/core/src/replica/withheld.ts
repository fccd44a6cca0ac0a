/**
 * Deltas whose authors have lost the right to them, and whatever waits behind those.
 *
 * A right is judged at a delta's own cut, so that a delta is valid for all or for none. One that was made without
 * knowledge of a loss is valid, and may be older than the loss or made to look so. So it waits once the loss is known,
 * until *endorsed*: another member, who remains, has it among the ancestors of a delta. Whoever had admitted it before
 * makes such a delta (`unendorsed.ts`), so that all converge.
 *
 * Holds no bytes: the deltas are pending. Invariant: what a delta here follows is admitted or comes before it here.
 */
import { idKey } from "../base/index.ts";
import type { AuthenticDelta, Order } from "../dag/index.ts";

export interface WithheldDelta {
  readonly delta: AuthenticDelta;
  readonly member: string;
  readonly cut: number;
  readonly writes: boolean;
  readonly epoch: string | undefined;
  /** Whether its author takes the right from itself by it. */
  readonly isLeave: boolean;
  /** What it follows and is admitted. */
  readonly orders: readonly Order[];
}

export interface Standing {
  readonly isMember: (member: string) => boolean;
  /** Whether the author has the right to it by all that is held here. */
  readonly hasRight: (withheld: WithheldDelta) => boolean;
}

export class Withheld {
  /** In topological order. */
  readonly #byKey = new Map<string, WithheldDelta>();
  /** For each delta that is followed here, by its key: the members who wrote what follows it, two at most. */
  #followers: ReadonlyMap<string, ReadonlySet<string>> | undefined;
  #isDue = false;

  get size(): number {
    return this.#byKey.size;
  }

  has(key: string): boolean {
    return this.#byKey.has(key);
  }

  cutOf(key: string): number | undefined {
    return this.#byKey.get(key)?.cut;
  }

  epochOf(key: string): string | undefined {
    return this.#byKey.get(key)?.epoch;
  }

  inOrder(): readonly WithheldDelta[] {
    return [...this.#byKey.values()];
  }

  add(withheld: WithheldDelta): void {
    this.#byKey.set(withheld.delta.key, withheld);
    this.reconsider();
  }

  discard(key: string): void {
    // What followed it is admitted after it, or goes too: nobody is asked about it again.
    this.#byKey.delete(key);
  }

  /** Something changed that may release what is here. */
  reconsider(): void {
    this.#followers = undefined;
    this.#isDue = this.#byKey.size > 0;
  }

  isEndorsed(key: string, isMember: (member: string) => boolean): boolean {
    this.#followers ??= this.#findFollowers(isMember);
    const author = this.#byKey.get(key)?.member;
    return [...(this.#followers.get(key) ?? [])].some((member) => member !== author);
  }

  /** Keys of those that may be admitted, in order, since what they follow may be too. */
  takeReleased({ isMember, hasRight }: Standing): string[] {
    if (!this.#isDue) return [];
    this.#isDue = false;
    const kept = new Set<string>();
    const released: string[] = [];
    for (const [key, withheld] of this.#byKey) {
      const { parents, prev } = withheld.delta;
      const waits = parents.some((id) => kept.has(idKey(id))) || (prev !== undefined && kept.has(idKey(prev)));
      if (waits || !(hasRight(withheld) || this.isEndorsed(key, isMember))) kept.add(key);
      else released.push(key);
    }
    return released;
  }

  /** From the last to the first, each hands on to what it follows. Two members suffice: one of them is another. */
  #findFollowers(isMember: (member: string) => boolean): Map<string, ReadonlySet<string>> {
    const followers = new Map<string, Set<string>>();
    for (const { delta, member } of [...this.#byKey.values()].reverse()) {
      const above = [...(followers.get(delta.key) ?? []), ...(isMember(member) ? [member] : [])];
      for (const id of delta.prev ? [...delta.parents, delta.prev] : delta.parents) {
        const key = idKey(id);
        const known = followers.get(key) ?? new Set<string>();
        followers.set(key, known);
        for (const one of above) if (known.size < 2) known.add(one);
      }
    }
    return followers;
  }
}
