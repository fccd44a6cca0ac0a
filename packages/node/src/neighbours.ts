/**
 * Of the members' nodes that are known, those that this node keeps connected: all of a small group, of a large one a few
 * at random. Random choices of a few by each make a graph that hangs together and that no single node can cut, and one
 * hop more is cheaper than a connection to everybody.
 *
 * Invariant: a choice stays as long as it can be reached, so the graph is at rest when its nodes are.
 */
import type { Random } from "@dunlin/core/base";
import { MESH_PEERS_MAX, NEIGHBOUR_STALE_MS, NEIGHBOURS_PER_GROUP } from "./limits.ts";

export interface NeighbourPorts {
  readonly random: Random;
  readonly isConnected: (peer: string) => boolean;
  readonly nowMs: () => number;
}

export class Neighbours {
  readonly #ports: NeighbourPorts;
  /** By context, the chosen, with when each was last seen connected, or chosen. */
  #chosen = new Map<string, ReadonlyMap<string, number>>();

  constructor(ports: NeighbourPorts) {
    this.#ports = ports;
  }

  /** Whom to keep connected, of the peers known by context. */
  choose(peersByContext: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> {
    const chosen = new Map<string, ReadonlyMap<string, number>>();
    const all = new Set<string>();
    for (const [context, peers] of peersByContext) {
      const few = peers.length <= MESH_PEERS_MAX ? undefined : this.#chooseFew(context, peers);
      if (few) chosen.set(context, few);
      for (const peer of few?.keys() ?? peers) all.add(peer);
    }
    this.#chosen = chosen;
    return all;
  }

  #chooseFew(context: string, peers: readonly string[]): ReadonlyMap<string, number> {
    const now = this.#ports.nowMs();
    const known = new Set(peers);
    const few = new Map<string, number>();
    for (const [peer, seenMs] of this.#chosen.get(context) ?? []) {
      const lastMs = this.#ports.isConnected(peer) ? now : seenMs;
      if (known.has(peer) && now - lastMs < NEIGHBOUR_STALE_MS) few.set(peer, lastMs);
    }
    const dropped = this.#chosen.get(context);
    const others = peers.filter((peer) => !few.has(peer) && !dropped?.has(peer));
    while (few.size < NEIGHBOURS_PER_GROUP && others.length > 0) {
      const [peer] = others.splice(this.#below(others.length), 1);
      if (peer !== undefined) few.set(peer, now);
    }
    return few;
  }

  #below(end: number): number {
    const [a = 0, b = 0, c = 0] = this.#ports.random.bytes(3);
    return ((a << 16) | (b << 8) | c) % end;
  }
}
