/** The ports of a replica. It draws no randomness but its actor's id, and never sets a timer. */
import type { Clock, KeyValueStore, Log, Random } from "../base/index.ts";
import type { Crypto } from "../crypto/index.ts";
import type { Metrics } from "../metrics/index.ts";

/** What a replica asks of the world. */
export interface ReplicaPorts {
  readonly store: KeyValueStore;
  readonly crypto: Crypto;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Told of calls, merges and their stages, when the host counts them. */
  readonly metrics?: Metrics;
  /** Lets other work come between the steps of a long one. */
  readonly pause?: () => Promise<void>;
}
