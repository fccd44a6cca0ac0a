/**
 * How other members' nodes are reached, as they told it: kept over a restart, so that a node finds the others again
 * when those that it once joined by are gone or have moved.
 *
 * Invariant: an address is kept only under the peer that it names, so one lie or one malformed address costs nothing
 * but itself. At most `LEARNT_PEERS_MAX` peers; a new one takes the place of the one heard of longest ago.
 */
import type { Scheduler } from "@dunlin/core/base";
import { peerOfAddress } from "@dunlin/network";
import { ADDRESSES_PER_LEARNT_PEER_MAX, LEARNT_PEERS_MAX, PEER_BOOK_SAVE_MS } from "./limits.ts";

export type PeerAddressBook = Readonly<Record<string, readonly string[]>>;

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
  #cancelSave: (() => void) | undefined;

  constructor(ports: PeerBookPorts, kept: PeerAddressBook = {}) {
    this.#ports = ports;
    for (const [peer, addresses] of Object.entries(kept)) this.#put(peer, addresses);
  }

  /** A member told how this peer is reached: the latest word counts. */
  learn(peer: string, addresses: readonly string[]): void {
    const before = this.#addressesByPeer.get(peer)?.join();
    if (!this.#put(peer, addresses) || this.#addressesByPeer.get(peer)?.join() === before) return;
    this.#cancelSave ??= this.#ports.scheduler.after(PEER_BOOK_SAVE_MS, () => this.flush());
    this.#ports.onChange();
  }

  /** An invitation of long ago names this peer: better than nothing, and no better. */
  hint(peer: string, addresses: readonly string[]): void {
    if (!this.#addressesByPeer.has(peer)) this.learn(peer, addresses);
  }

  addresses(): readonly string[] {
    return [...this.#addressesByPeer.values()].flat();
  }

  /** Saves now what waits to be saved. */
  flush(): void {
    if (!this.#cancelSave) return;
    this.#cancelSave();
    this.#cancelSave = undefined;
    this.#ports.save(Object.fromEntries(this.#addressesByPeer));
  }

  #put(peer: string, told: readonly string[]): boolean {
    const addresses = told.filter((address) => peerOfAddress(address) === peer).slice(0, ADDRESSES_PER_LEARNT_PEER_MAX);
    if (addresses.length === 0 || peer === this.#ports.self) return false;
    this.#addressesByPeer.delete(peer);
    for (const oldest of this.#addressesByPeer.keys()) {
      if (this.#addressesByPeer.size < LEARNT_PEERS_MAX) break;
      this.#addressesByPeer.delete(oldest);
    }
    this.#addressesByPeer.set(peer, addresses);
    return true;
  }
}

/** The book as a file holds it; undefined for one that is damaged. */
export function decodePeerBook(text: string): PeerAddressBook | undefined {
  try {
    const book: unknown = JSON.parse(text);
    if (typeof book !== "object" || book === null || Array.isArray(book)) return undefined;
    return Object.values(book).every(isTexts) ? (book as PeerAddressBook) : undefined;
  } catch {
    return undefined;
  }
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
