/**
 * How other members' nodes are reached, as they told it: kept over a restart, so that a node finds the others again
 * when those that it once joined by are gone or have moved. Beside it, and for this run only, where they were heard of
 * on the local network: anybody there may have said it, so it adds to what members told and never replaces it.
 *
 * Invariant: an address is kept only under the peer that it names, so one lie or one malformed address costs nothing
 * but itself. At most `LEARNT_PEERS_MAX` peers; a new one takes the place of the one heard of longest ago.
 */
import type { Scheduler } from "@dunlin/core/base";
import { peerOfAddress } from "@dunlin/network";
import {
  ADDRESSES_PER_LEARNT_PEER_MAX,
  CONTEXTS_PER_LEARNT_PEER_MAX,
  LEARNT_PEERS_MAX,
  PEER_BOOK_SAVE_MS,
} from "./limits.ts";
import type { PeerAddressBook } from "./peer-book-file.ts";

export interface PeerBookPorts {
  readonly self: string;
  readonly scheduler: Scheduler;
  /** Keeps it over a restart. */
  readonly save: (book: PeerAddressBook) => void;
  /** Who is to be kept connected has changed. */
  readonly onChange: () => void;
}

export class PeerBook {
  readonly #ports: PeerBookPorts;
  /** From the one heard of longest ago to the latest. */
  readonly #addressesByPeer = new Map<string, readonly string[]>();
  readonly #contextsByPeer = new Map<string, Set<string>>();
  /** Heard of on the local network, strangers among them: from the one heard of longest ago to the latest. */
  readonly #sightedByPeer = new Map<string, readonly string[]>();
  #cancelSave: (() => void) | undefined;

  constructor(ports: PeerBookPorts, kept: PeerAddressBook = {}) {
    this.#ports = ports;
    for (const [peer, addresses] of Object.entries(kept)) this.#put(peer, addresses);
  }

  /** A member told how this peer is reached: the latest word counts. */
  learn(peer: string, addresses: readonly string[], contextId?: string): void {
    const before = this.#addressesByPeer.get(peer)?.join();
    if (!this.#put(peer, addresses)) return;
    const isNews = contextId !== undefined && this.#join(peer, contextId);
    if (this.#addressesByPeer.get(peer)?.join() === before) {
      if (isNews) this.#ports.onChange();
      return;
    }
    this.#cancelSave ??= this.#ports.scheduler.after(PEER_BOOK_SAVE_MS, () => this.flush());
    this.#ports.onChange();
  }

  /** An invitation of long ago names this peer: better than nothing, and no better. */
  hint(peer: string, addresses: readonly string[]): void {
    if (!this.#addressesByPeer.has(peer)) this.learn(peer, addresses);
  }

  /** Somebody on the local network says that this peer is there. */
  sight(peer: string, addresses: readonly string[]): void {
    const isNews = this.#sightedByPeer.get(peer)?.join() !== addresses.join();
    putLatest(this.#sightedByPeer, peer, addresses);
    if (isNews) this.#ports.onChange();
  }

  /** How these peers may be reached: what members told first, then what was heard. */
  addressesOf(peers: Iterable<string>): readonly string[] {
    const of = (peer: string): readonly string[] => [
      ...(this.#addressesByPeer.get(peer) ?? []),
      ...(this.#sightedByPeer.get(peer) ?? []),
    ];
    return [...new Set([...peers].flatMap(of))];
  }

  /** Who is known, by context; under no name those of whom nobody has said yet since the start. */
  peersByContext(): ReadonlyMap<string, readonly string[]> {
    const groups = new Map<string, string[]>();
    for (const peer of this.#addressesByPeer.keys()) {
      for (const context of this.#contextsByPeer.get(peer) ?? [""]) {
        groups.set(context, [...(groups.get(context) ?? []), peer]);
      }
    }
    return groups;
  }

  /** Saves now what waits to be saved. */
  flush(): void {
    if (!this.#cancelSave) return;
    this.#cancelSave();
    this.#cancelSave = undefined;
    this.#ports.save(Object.fromEntries(this.#addressesByPeer));
  }

  /** True when it was not known. */
  #join(peer: string, contextId: string): boolean {
    const contexts = this.#contextsByPeer.get(peer) ?? new Set();
    if (contexts.has(contextId) || contexts.size >= CONTEXTS_PER_LEARNT_PEER_MAX) return false;
    this.#contextsByPeer.set(peer, contexts.add(contextId));
    return true;
  }

  #put(peer: string, told: readonly string[]): boolean {
    const addresses = told.filter((address) => peerOfAddress(address) === peer).slice(0, ADDRESSES_PER_LEARNT_PEER_MAX);
    if (addresses.length === 0 || peer === this.#ports.self) return false;
    for (const oldest of putLatest(this.#addressesByPeer, peer, addresses)) this.#contextsByPeer.delete(oldest);
    return true;
  }
}

/** Puts a peer last, and takes out the first ones beyond the limit; returns who was taken out. */
function putLatest(
  addressesByPeer: Map<string, readonly string[]>,
  peer: string,
  addresses: readonly string[],
): readonly string[] {
  addressesByPeer.delete(peer);
  const left = [...addressesByPeer.keys()].slice(0, Math.max(0, addressesByPeer.size + 1 - LEARNT_PEERS_MAX));
  for (const oldest of left) addressesByPeer.delete(oldest);
  addressesByPeer.set(peer, addresses);
  return left;
}
