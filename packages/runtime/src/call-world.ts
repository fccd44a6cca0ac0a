/**
 * What lies on this machine alone, as a call of an application has it, and what a call asks to be done there. It is in
 * no delta, so what a call makes of it follows from more than the state: a handler may look at it, a migration may not.
 */
import type { PublicKey, Result } from "@dunlin/core/base";
import type { CrossCall } from "./calimero/host-call.ts";
import type { CallBlobs } from "./call-blobs.ts";
import type { StateRoot } from "./state-root.ts";

export interface CallWorld {
  /** The context's id in base58. */
  readonly context: string;
  /** The contexts whose calls led to this one, oldest first; none for a call from outside. */
  readonly via: readonly string[];
  /** The fields that stay here: in a mutation, in a transaction that stands or falls with the call. */
  readonly localState: () => StateRoot;
  readonly presence: CallPresence;
  /** Those that the call may read, and what it does with them. */
  readonly blobs: CallBlobs;
}

export interface CallPresence {
  /** Who shows itself to the context's members now. */
  list(): readonly CallPresent[];
  /** Whether this may be shown for so long. */
  check(data: Uint8Array, ttlMs: number): Result<null>;
}

/** An installation of a member, and what it shows. */
export interface CallPresent {
  readonly member: PublicKey;
  readonly actorKey: string;
  /** JSON, if it was an application that said it. */
  readonly data: Uint8Array;
}

/** What a call asked for beside the state: done once it is durable, never when it fails. */
export interface CallEffects {
  /** What this node shows from then on; null when it leaves. */
  readonly presence: ShownPresence | null | undefined;
  readonly crossCalls: readonly CrossCall[];
}

export interface ShownPresence {
  /** JSON. */
  readonly data: Uint8Array;
  readonly ttlMs: number;
}
