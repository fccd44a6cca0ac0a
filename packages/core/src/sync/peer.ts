/** A connected peer, from its connection to its end: what was greeted, offered and proved. */
import { type ContextId, idKey, type PeerId, type PublicKey, type Random } from "../base/index.ts";
import { HELLO_NONCE_BYTES, type PeerAddresses } from "./frames.ts";
import type { Session } from "./session.ts";

export interface Peer {
  readonly id: PeerId;
  readonly nonce: Uint8Array;
  transcript: Uint8Array | undefined;
  /** What waits for its hello. */
  readonly onGreeted: ((transcript: Uint8Array) => void)[];
  refused: number;
  /** Where it says that it listens. */
  addresses: readonly string[];
  /** Tags that it offered and nothing here matches yet. */
  readonly tags: Map<string, Uint8Array>;
  /** Tags that this node offered to it, and whose context each is. */
  readonly contextByTag: Map<string, string>;
  readonly sessions: Map<string, Session>;
  readonly sessionByChannel: Map<number, Session>;
  channels: number;
}

export function createPeer(id: PeerId, random: Random): Peer {
  return {
    id,
    nonce: random.bytes(HELLO_NONCE_BYTES),
    transcript: undefined,
    onGreeted: [],
    refused: 0,
    addresses: [],
    tags: new Map(),
    contextByTag: new Map(),
    sessions: new Map(),
    sessionByChannel: new Map(),
    channels: 0,
  };
}

/** The sessions of a context, with whom each is. */
export function sessionsOf(peers: ReadonlyMap<PeerId, Peer>, context: ContextId): (readonly [PeerId, Session])[] {
  const key = idKey(context);
  return [...peers].flatMap(([id, { sessions }]) => {
    const session = sessions.get(key);
    return session ? [[id, session] as const] : [];
  });
}

/** The connected nodes of a member, and where each has said that it listens. */
export function nodesOf(peers: ReadonlyMap<PeerId, Peer>, context: ContextId, member: PublicKey): PeerAddresses[] {
  return sessionsOf(peers, context).flatMap(([peer, session]) => {
    const isTheirs = session.ready && session.member !== undefined && idKey(session.member) === idKey(member);
    return isTheirs ? { peer, addresses: peers.get(peer)?.addresses ?? [] } : [];
  });
}

/** Ends the session of a context with the peer, if there is one. */
export function endSession(peer: Peer, key: string): void {
  const session = peer.sessions.get(key);
  session?.close();
  peer.sessions.delete(key);
  for (const [channel, other] of peer.sessionByChannel) if (other === session) peer.sessionByChannel.delete(channel);
}
