/**
 * How far this node is with one peer in one context: what the peer says that it holds, and since when something of it is
 * not here. A session has succeeded when everything that the peer named is admitted.
 *
 * What a peer says is bounded and believed for nothing but what to ask it for.
 */
import { type Clock, type DeltaId, idKey } from "../base/index.ts";
import type { VersionVector } from "../dag/index.ts";
import type { Replica } from "../replica/index.ts";
import type { StateFrame } from "./frames.ts";
import { VECTOR_ACTORS_MAX } from "./limits.ts";
import type { SyncMeters } from "./meters.ts";
import type { Patience } from "./patience.ts";
import { countLacking, covers, lacking } from "./vector.ts";

export interface StandingPorts {
  readonly replica: Replica;
  readonly clock: Clock;
  readonly meters: SyncMeters | undefined;
  readonly patience: Patience;
}

export class Standing {
  readonly #ports: StandingPorts;
  /** The heads that it last named; undefined before its first state. */
  #heads: readonly DeltaId[] | undefined;
  /** Its last state, and what it announced since. */
  #claims: VersionVector = new Map();
  #unmetSinceMs: number | undefined;
  /** Something of what is not met was asked for. */
  #hasPulled = false;
  #lastSuccessMs: number | undefined;

  constructor(ports: StandingPorts) {
    this.#ports = ports;
  }

  /** Whether the peer has told its state. */
  get isTold(): boolean {
    return this.#heads !== undefined;
  }

  get claims(): VersionVector {
    return this.#claims;
  }

  get isUnmet(): boolean {
    return this.#unmetSinceMs !== undefined;
  }

  get lastSuccessMs(): number | undefined {
    return this.#lastSuccessMs;
  }

  /** Whether all that the peer named is here, admitted or waiting for a clock or for what is asked for by id. */
  get isHeld(): boolean {
    const { replica } = this.#ports;
    const areHeld = this.#heads?.every((id) => replica.holds(idKey(id))) === true;
    return areHeld && covers(replica.heldVector(), this.#claims);
  }

  /** Whether what is not here has had the time to come by itself. */
  get isLate(): boolean {
    const { clock, patience } = this.#ports;
    return this.#unmetSinceMs !== undefined && clock.now() - this.#unmetSinceMs >= patience.ms;
  }

  /** The peer told its state; true for the first time. */
  told({ heads, vector }: StateFrame): boolean {
    const isFirst = this.#heads === undefined;
    this.#heads = heads.map((id) => id.slice() as DeltaId);
    this.#claims = vector;
    const { replica } = this.#ports;
    replica.checkpoints.joining.consider(countLacking(replica.heldVector(), vector));
    this.judge();
    return isFirst;
  }

  announced(vector: VersionVector): void {
    const claims = new Map(this.#claims);
    for (const [actor, sequence] of vector) {
      if (claims.size >= VECTOR_ACTORS_MAX && !claims.has(actor)) break;
      claims.set(actor, Math.max(sequence, claims.get(actor) ?? 0));
    }
    this.#claims = claims;
    this.judge();
  }

  /** The peer has flushed what is flushed here. */
  agreed(): void {
    this.#claims = this.#ports.replica.flushed.vector;
    this.#lastSuccessMs = this.#ports.clock.now();
  }

  pulled(): void {
    this.#hasPulled = true;
  }

  /** Looks again whether what the peer named is all here. */
  judge(): void {
    if (!this.#heads) return;
    const { replica, clock, meters, patience } = this.#ports;
    const now = clock.now();
    if (!covers(replica.vector(), this.#claims) || this.#heads.some((id) => !replica.has(idKey(id)))) {
      this.#unmetSinceMs ??= now;
      return;
    }
    if (this.#unmetSinceMs !== undefined) {
      const tookMs = now - this.#unmetSinceMs;
      if (this.#hasPulled) meters?.synced(tookMs);
      else patience.note(tookMs);
    }
    this.#hasPulled = false;
    this.#unmetSinceMs = undefined;
    this.#lastSuccessMs = now;
  }

  /** Authors of whom the peer holds more than is here, waiting or not. */
  lateActors(): string[] {
    return lacking(this.#ports.replica.heldVector(), this.#claims);
  }

  /** Heads of the peer that a vector cannot tell of, and that are not even waiting here. */
  unknownHeads(): DeltaId[] {
    return this.#untold().filter((head) => !this.#ports.replica.holds(idKey(head)));
  }

  /** The peer holds branches of actors of whom, by its vector, everything is here. */
  get isForked(): boolean {
    const { replica } = this.#ports;
    return this.isLate && replica.backlog === 0 && this.#untold().some((head) => !replica.has(idKey(head)));
  }

  #untold(): readonly DeltaId[] {
    return this.#heads && covers(this.#ports.replica.heldVector(), this.#claims) ? this.#heads : [];
  }
}
