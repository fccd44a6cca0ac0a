/** A context that an engine shares: as its owner gives it, and with what the engine keeps beside. */
import { idKey, type PeerId, type PublicKey, type Scheduler, type SendOutcome, type Signer } from "../base/index.ts";
import type { Commit, Replica } from "../replica/index.ts";
import { Broadcast } from "./broadcast.ts";
import { Circle } from "./circle.ts";
import type { Frame } from "./frames.ts";
import type { Peer } from "./peer.ts";
import type { Presence } from "./presence/presence.ts";
import type { SyncSettings } from "./settings.ts";
import { SnapshotExchange, type SnapshotPorts } from "./snapshot/exchange.ts";
import { sourcesOf } from "./snapshot/sources.ts";

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
  readonly snapshots: SnapshotExchange;
  readonly tick: () => void;
  readonly stop: () => void;
}

/** What sharing a context takes of its engine. */
export interface SharingHost extends Pick<SnapshotPorts, "clock" | "pull" | "charge" | "count"> {
  readonly scheduler: Scheduler;
  readonly settings: SyncSettings;
  readonly peers: ReadonlyMap<PeerId, Peer>;
  readonly send: (peer: Peer, frame: Frame) => SendOutcome;
  readonly onCommit: (commit: Commit) => void;
}

/** Begins to share it, until `stop`. */
export function share({ replica, signer, bootstrap, settings, presence }: SharedContext, host: SharingHost): Shared {
  const { clock, scheduler, count, pull, charge } = host;
  const vector = () => replica.vector();
  const members = () => replica.access().rankByMember.size;
  const broadcast = new Broadcast({ scheduler, clock, vector, members, count });
  const sources = () => sourcesOf(host.peers.values(), idKey(replica.context), host.send);
  const snapshots = new SnapshotExchange({ replica, clock, sources, pull, charge, count });
  const stopCommits = replica.onCommit(host.onCommit);
  const stopPace = replica.pace.follow({ scheduler, clock, windowMs: () => broadcast.windowMs });
  const tick = (): void => {
    replica.tick();
    snapshots.tick();
    presence?.tick();
  };
  const stop = (): void => {
    stopCommits();
    stopPace();
    broadcast.stop();
    snapshots.close();
    presence?.close();
  };
  const all = { ...host.settings, ...settings };
  const kept = { broadcast, circle: new Circle(), presence, snapshots, tick, stop };
  return { replica, signer, bootstrap, settings: all, ...kept };
}
