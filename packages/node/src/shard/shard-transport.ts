/**
 * Core's transport port inside a shard's worker: frames go to the main thread, which owns the network. What is on its
 * way to one peer is bounded; the main thread says when it has handed frames over.
 */
import { type PeerId, peerId, type SendOutcome, type Transport } from "@dunlin/core/base";
import { OUTBOUND_BYTES_PER_PEER_MAX } from "../limits.ts";
import type { FromShard } from "../messages.ts";

export class ShardTransport implements Transport {
  readonly self: PeerId;
  readonly #put: (message: FromShard) => void;
  readonly #bytesByPeer = new Map<PeerId, number>();

  constructor(self: string, put: (message: FromShard) => void) {
    this.self = peerId(self);
    this.#put = put;
  }

  connected(peer: PeerId): void {
    this.#bytesByPeer.set(peer, 0);
  }

  disconnected(peer: PeerId): void {
    this.#bytesByPeer.delete(peer);
  }

  handed(peer: PeerId, bytes: number): void {
    const waiting = this.#bytesByPeer.get(peer);
    if (waiting !== undefined) this.#bytesByPeer.set(peer, Math.max(0, waiting - bytes));
  }

  send(peer: PeerId, frame: Uint8Array): SendOutcome {
    const waiting = this.#bytesByPeer.get(peer);
    if (waiting === undefined) return "disconnected";
    if (waiting + frame.length > OUTBOUND_BYTES_PER_PEER_MAX) return "full";
    this.#bytesByPeer.set(peer, waiting + frame.length);
    this.#put({ kind: "send", peer, bytes: frame });
    return "queued";
  }

  peers(): readonly PeerId[] {
    return [...this.#bytesByPeer.keys()];
  }

  disconnect(peer: PeerId, reason: string): void {
    this.#bytesByPeer.delete(peer);
    this.#put({ kind: "cut", peer, reason });
  }
}
