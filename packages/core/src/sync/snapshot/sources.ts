/** Whom a snapshot may be asked for: peers whose session for the context is open on both sides. */
import type { PeerId, SendOutcome } from "../../base/index.ts";
import type { Frame } from "../frames.ts";
import type { Peer } from "../peer.ts";
import type { SnapshotSaid } from "./snapshot-frames.ts";

export interface SnapshotSource {
  readonly id: PeerId;
  send(said: SnapshotSaid): SendOutcome;
}

export function sourcesOf(
  peers: Iterable<Peer>,
  context: string,
  send: (peer: Peer, frame: Frame) => SendOutcome,
): SnapshotSource[] {
  const sources: SnapshotSource[] = [];
  for (const peer of peers) {
    const session = peer.sessions.get(context);
    if (!session?.ready) continue;
    const { channel } = session;
    const say = (said: SnapshotSaid): SendOutcome => send(peer, { kind: "snapshot", channel, said });
    sources.push({ id: peer.id, send: say });
  }
  return sources;
}
