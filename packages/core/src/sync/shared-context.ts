/** A context that an engine shares: as its owner gives it, and with what the engine keeps beside. */
import type { PublicKey, Signer } from "../base/index.ts";
import type { Replica } from "../replica/index.ts";
import { Broadcast, type BroadcastPorts } from "./broadcast.ts";
import type { Circle } from "./circle.ts";
import type { Presence } from "./presence/presence.ts";
import type { SyncSettings } from "./settings.ts";

export interface SharedContext {
  readonly replica: Replica;
  readonly signer: Signer;
  /** Trusted before the access log is here: who redeems the invitation that we join by. */
  readonly bootstrap?: PublicKey | undefined;
  /** What differs from the engine's settings for this context. */
  readonly settings?: Partial<SyncSettings> | undefined;
  /** Who is there, for those who care. */
  readonly presence?: Presence | undefined;
}

export interface Shared {
  readonly replica: Replica;
  readonly signer: Signer;
  readonly bootstrap: PublicKey | undefined;
  readonly settings: SyncSettings;
  readonly broadcast: Broadcast;
  readonly circle: Circle;
  readonly presence: Presence | undefined;
  readonly stop: () => void;
}

export function broadcastOf(
  replica: Replica,
  { scheduler, clock, count }: Omit<BroadcastPorts, "vector" | "members">,
): Broadcast {
  const members = (): number => replica.access().rankByMember.size;
  return new Broadcast({ scheduler, clock, count, members, vector: () => replica.vector() });
}
