/**
 * What lies on this machine alone, as a call of an application has it. It is in no delta, so what a call makes of it
 * follows from more than the state: a handler may look at it, a migration may not.
 */
import type { StateRoot } from "./state-root.ts";

export interface CallWorld {
  /** The fields that stay here: in a mutation, in a transaction that stands or falls with the call. */
  readonly localState: () => StateRoot;
}
