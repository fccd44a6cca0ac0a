/**
 * The peers of one room, and the way of a message between them. A peer that takes its messages too slowly makes those
 * who send to it wait, which their clients see as a full queue; one that takes none is let go of by its connection.
 */
import { bytesToHex, compareBytes } from "@dunlin/core/base";
import { encodeRelayMessage, ROOM_PEERS_MAX } from "@dunlin/core/transport";

/** A connection as its room knows it. */
export interface Member {
  readonly peer: Uint8Array;
  send(message: Uint8Array): void;
  /** Whether more waits for it than may. */
  readonly isFull: boolean;
}

export type EnterRefusal = "ROOM_FULL" | "PEER_TAKEN";

export class Room {
  readonly #members = new Map<string, Member>();

  get size(): number {
    return this.#members.size;
  }

  /** Tells the newcomer who is there and the others that it came. */
  enter(member: Member): EnterRefusal | undefined {
    const key = bytesToHex(member.peer);
    if (this.#members.has(key)) return "PEER_TAKEN";
    if (this.#members.size >= ROOM_PEERS_MAX) return "ROOM_FULL";
    const peers = [...this.#members.values()].map(({ peer }) => peer).sort(compareBytes);
    member.send(encodeRelayMessage({ kind: "joined", peers }));
    this.#tellAll(encodeRelayMessage({ kind: "arrived", peer: member.peer }));
    this.#members.set(key, member);
    return undefined;
  }

  leave(member: Member): void {
    const key = bytesToHex(member.peer);
    if (this.#members.get(key) !== member) return;
    this.#members.delete(key);
    this.#tellAll(encodeRelayMessage({ kind: "left", peer: member.peer }));
  }

  /** Carries a frame; gives its receiver when that one has more waiting than it may. */
  carry(from: Member, to: Uint8Array, sealed: Uint8Array): Member | undefined {
    const receiver = this.#members.get(bytesToHex(to));
    // It has left, and the sender will hear of it.
    if (receiver === undefined) return undefined;
    receiver.send(encodeRelayMessage({ kind: "frame", peer: from.peer, sealed }));
    return receiver.isFull ? receiver : undefined;
  }

  #tellAll(message: Uint8Array): void {
    for (const member of this.#members.values()) member.send(message);
  }
}
