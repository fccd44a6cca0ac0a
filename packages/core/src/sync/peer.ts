/** A connected peer, from its connection to its end: what was greeted, offered and proved. */
import type { PeerId } from "../base/index.ts";
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
  readonly sessions: Map<string, Session>;
  readonly sessionByChannel: Map<number, Session>;
  channels: number;
}

/** One that has just been connected. */
export function createPeer(id: PeerId, nonce: Uint8Array): Peer {
  const empty = { transcript: undefined, onGreeted: [], refused: 0, addresses: [], channels: 0 };
  return { ...empty, id, nonce, tags: new Map(), sessions: new Map(), sessionByChannel: new Map() };
}
