/**
 * How members' nodes learn to reach each other: a node that opens a context's session is told of this node's addresses
 * and of those of the other members that are connected; what a peer says of itself is passed on to the others.
 *
 * Trusts nobody: a connected peer speaks for itself, and an address is only where to dial, since the transport proves
 * who answers.
 */
import type { PeerId, Transport } from "../base/index.ts";
import { peerId } from "../base/index.ts";
import type { PeerAddresses } from "./frames.ts";
import { ADDRESS_BYTES_MAX, ADDRESSES_PER_PEER_MAX, PEERS_TOLD_MAX } from "./limits.ts";
import type { Peer } from "./peer.ts";
import type { Discovery } from "./ports.ts";
import type { Session } from "./session.ts";

export interface IntroductionPorts {
  readonly transport: Transport;
  readonly discovery?: Discovery;
  readonly peers: ReadonlyMap<PeerId, Peer>;
}

export class Introductions {
  readonly #ports: IntroductionPorts;

  constructor(ports: IntroductionPorts) {
    this.#ports = ports;
  }

  /** Tells a member's node of this node's addresses and of the other members' that are connected. */
  introduce(peer: Peer, key: string): void {
    const { discovery, transport, peers } = this.#ports;
    if (!discovery) return;
    const known: PeerAddresses[] = [{ peer: transport.self, addresses: clampAddresses(discovery.addresses()) }];
    for (const other of peers.values()) {
      if (other === peer || !other.sessions.get(key)?.ready || other.addresses.length === 0) continue;
      known.push({ peer: other.id, addresses: other.addresses });
    }
    peer.sessions.get(key)?.sendPeers(known.slice(0, PEERS_TOLD_MAX));
  }

  onPeers(peer: Peer, session: Session, told: readonly PeerAddresses[]): void {
    for (const { peer: id, addresses } of told) {
      if (id === this.#ports.transport.self) continue;
      if (id === peer.id) this.#relay(peer, session, addresses);
      // A connected peer speaks for itself.
      else if (this.#ports.peers.get(peerId(id))?.addresses.length) continue;
      this.#ports.discovery?.onPeer({ peer: id, addresses }, session.context);
    }
  }

  /** A peer told of itself: the other members of that context are told. */
  #relay(peer: Peer, session: Session, addresses: readonly string[]): void {
    if (peer.addresses.join() === addresses.join()) return;
    peer.addresses = addresses;
    for (const [key, own] of peer.sessions) {
      if (own !== session) continue;
      for (const other of this.#ports.peers.values()) {
        const to = other.sessions.get(key);
        if (other !== peer && to?.ready) to.sendPeers([{ peer: peer.id, addresses }]);
      }
    }
  }
}

function clampAddresses(addresses: readonly string[]): readonly string[] {
  return addresses.filter((address) => address.length <= ADDRESS_BYTES_MAX).slice(0, ADDRESSES_PER_PEER_MAX);
}
