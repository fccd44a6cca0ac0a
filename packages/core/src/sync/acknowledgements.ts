/** Who has flushed what, between two nodes: what is owed to the peer, and what it has acknowledged. */
import type { AuthenticDelta, VersionVector } from "../dag/index.ts";
import { restrict } from "./vector.ts";

export class Acknowledgements {
  /** What the peer has acknowledged beyond what it told otherwise. */
  readonly #received = new Map<string, number>();
  /** The last sequences of what the peer sent and has no acknowledgement for. */
  readonly #owed = new Map<string, number>();

  get isOwing(): boolean {
    return this.#owed.size > 0;
  }

  /** The peer sent these. */
  owe(deltas: Iterable<AuthenticDelta>): void {
    for (const { actorKey, sequence } of deltas)
      this.#owed.set(actorKey, Math.max(sequence, this.#owed.get(actorKey) ?? 0));
  }

  /** Tells what is flushed of what is owed, of the actors that are asked for; `tell` is true when it was told. */
  pay(flushed: VersionVector, isDue: (actorKey: string) => boolean, tell: (vector: VersionVector) => boolean): void {
    const actors: string[] = [];
    for (const [actor, sequence] of this.#owed)
      if ((flushed.get(actor) ?? 0) >= sequence && isDue(actor)) actors.push(actor);
    if (actors.length === 0 || !tell(restrict(flushed, actors))) return;
    for (const actor of actors) this.#owed.delete(actor);
  }

  /** Only what is held here is of interest, so a peer cannot make this grow. */
  receive(vector: VersionVector, flushed: VersionVector): void {
    for (const [actor, sequence] of vector) if (flushed.has(actor)) this.#received.set(actor, sequence);
  }

  /** Whether the peer, who claims to hold so much, has all of `flushed`. */
  covers(flushed: VersionVector, claims: VersionVector): boolean {
    for (const [actor, sequence] of flushed)
      if (Math.max(claims.get(actor) ?? 0, this.#received.get(actor) ?? 0) < sequence) return false;
    return true;
  }
}
