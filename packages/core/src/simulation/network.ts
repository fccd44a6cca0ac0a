/**
 * The simulated network behind the transport port: one connection per pair of linked nodes, ordered both ways.
 *
 * What may happen to a connection is what may happen to a real one: it takes its time, its queue is bounded, and it is
 * cut with all that is under way, which each side notices in its own time; then it is dialled again. Frames of
 * different peers overtake each other, and a cut makes peers send again what has arrived. A link may be dead one way: what
 * is sent that way waits and fills the queue, until it works again or both sides notice. Hostile weather goes further, and
 * drops, doubles and reorders frames within a connection.
 */
import { type PeerId, peerId, type SendOutcome, type Transport, type TransportEvents } from "../base/index.ts";
import type { Counts } from "./counts.ts";
import { mixUnit } from "./mix.ts";
import type { Trace } from "./trace.ts";
import type { VirtualTime } from "./virtual-time.ts";
import type { Weather } from "./weather.ts";

export interface NetworkPorts {
  readonly time: VirtualTime;
  readonly trace: Trace;
  readonly counts: Counts;
  readonly seed: number;
  readonly nodes: number;
  /** The pairs that have a link; undefined when all have. */
  readonly links?: readonly (readonly [number, number])[];
  /** An engine cut its peer. */
  readonly onMisbehaviour: (by: number, peer: number, reason: string) => void;
  /** A frame was handed over: what anybody on the wire could read. */
  readonly onWire?: (from: number, to: number, frame: Uint8Array) => void;
}

type Side = 0 | 1;

interface Connection {
  isOpen: boolean;
  readonly queuedBytes: [number, number];
  /** When the last frame arrives at each side. */
  readonly arrivalMs: [number, number];
}

interface Link {
  readonly index: number;
  /** The nodes at sides 0 and 1. */
  readonly ends: readonly [number, number];
  /** What each side believes to have. */
  readonly seen: [Connection | undefined, Connection | undefined];
  /** Until when nothing arrives that this side sends. */
  readonly deadUntilMs: [number, number];
  /** Names the draws of this link. */
  draws: number;
  isDialling: boolean;
}

export class Network {
  readonly #ports: NetworkPorts;
  readonly #linkByPair = new Map<number, Link>();
  readonly #linksByNode: Link[][];
  readonly #eventsByNode: (TransportEvents | undefined)[];
  readonly #slowMsByNode: number[];
  #weather: Weather;
  #groups: readonly number[] | undefined;

  constructor(ports: NetworkPorts, weather: Weather) {
    this.#ports = ports;
    this.#weather = weather;
    this.#eventsByNode = new Array(ports.nodes).fill(undefined);
    this.#slowMsByNode = new Array(ports.nodes).fill(0);
    this.#linksByNode = Array.from({ length: ports.nodes }, () => []);
    for (const [a, b] of ports.links ?? allPairs(ports.nodes)) this.#addLink(a, b);
  }

  set weather(weather: Weather) {
    this.#weather = weather;
  }

  /** The node is up; gives its transport, which ends with `detach`. */
  attach(node: number, events: TransportEvents): Transport {
    this.#eventsByNode[node] = events;
    for (const link of this.#linksOf(node)) this.#dial(link);
    const isAttached = (): boolean => this.#eventsByNode[node] === events;
    return {
      self: peerOf(node),
      send: (peer, frame) => (isAttached() ? this.#send(node, nodeOf(peer), frame) : "disconnected"),
      peers: () => (isAttached() ? this.#peersOf(node) : []),
      disconnect: (peer, reason) => {
        if (!isAttached()) return;
        this.#ports.counts.add(`net.engine_cut.${reason}`);
        this.#ports.onMisbehaviour(node, nodeOf(peer), reason);
        const link = this.#linkOf(node, nodeOf(peer));
        // The engine has forgotten the peer already and is told nothing.
        if (link) this.#break(link, link.ends[0] === node ? 0 : 1);
      },
    };
  }

  /** The node is down: it is told nothing, and its peers notice some time. */
  detach(node: number): void {
    this.#eventsByNode[node] = undefined;
    for (const link of this.#linksOf(node)) this.#break(link, link.ends[0] === node ? 0 : 1);
  }

  cut(a: number, b: number): void {
    const link = this.#linkOf(a, b);
    if (!link) return;
    this.#ports.counts.add("net.cut");
    this.#break(link, undefined);
  }

  cutAll(): void {
    for (const link of this.#linkByPair.values()) this.#break(link, undefined);
  }

  /**
   * Nothing that `from` sends arrives at `to` for so long; then it does, or both notice that the connection is lost. Ends
   * with `reviveAll` at the latest.
   */
  deaden(from: number, to: number, forMs: number, isLost: boolean): void {
    const link = this.#linkOf(from, to);
    if (!link) return;
    const untilMs = this.#ports.time.nowMs + forMs;
    link.deadUntilMs[link.ends[0] === from ? 0 : 1] = untilMs;
    if (isLost) this.#ports.time.at(untilMs, () => this.#break(link, undefined));
  }

  /** Links that are dead one way are noticed to be so. */
  reviveAll(): void {
    for (const link of this.#linkByPair.values()) {
      if (Math.max(...link.deadUntilMs) <= this.#ports.time.nowMs) continue;
      link.deadUntilMs.fill(0);
      this.#break(link, undefined);
    }
  }

  /** Separates nodes of different groups, or joins all when undefined. */
  partition(groups: readonly number[] | undefined): void {
    this.#groups = groups;
    for (const link of this.#linkByPair.values()) {
      if (this.#isApart(link)) this.#break(link, undefined);
      else this.#dial(link);
    }
  }

  /** All that this node sends and receives takes that much longer. */
  slow(node: number, byMs: number): void {
    this.#slowMsByNode[node] = byMs;
  }

  #peersOf(node: number): PeerId[] {
    const peers: PeerId[] = [];
    for (const { ends, seen } of this.#linksOf(node)) {
      if (ends[0] === node && seen[0]) peers.push(peerOf(ends[1]));
      if (ends[1] === node && seen[1]) peers.push(peerOf(ends[0]));
    }
    return peers;
  }

  #send(from: number, to: number, frame: Uint8Array): SendOutcome {
    const link = this.#linkOf(from, to);
    if (!link) return "disconnected";
    const side: Side = link.ends[0] === from ? 0 : 1;
    const connection = link.seen[side];
    if (!connection) return "disconnected";
    if (connection.queuedBytes[side] + frame.length > this.#weather.queueBytesMax) {
      this.#ports.counts.add("net.full");
      return "full";
    }
    this.#ports.onWire?.(from, to, frame);
    const { cutChance, dropChance, duplicateChance } = this.#weather;
    if (cutChance > 0 && this.#draw(link) < cutChance) {
      this.#ports.counts.add("net.cut_by_frame");
      this.#break(link, undefined);
      return "queued";
    }
    if (dropChance > 0 && this.#draw(link) < dropChance) {
      this.#ports.counts.add("net.dropped");
      return "queued";
    }
    this.#carry(link, connection, side, frame);
    if (duplicateChance > 0 && this.#draw(link) < duplicateChance) {
      this.#ports.counts.add("net.duplicated");
      this.#carry(link, connection, side, frame);
    }
    return "queued";
  }

  #carry(link: Link, connection: Connection, side: Side, frame: Uint8Array): void {
    const { time } = this.#ports;
    const { delayMinMs, delayMeanMs, reorderChance } = this.#weather;
    const [from, to] = [link.ends[side] as number, link.ends[1 - side] as number];
    const slowMs = (this.#slowMsByNode[from] as number) + (this.#slowMsByNode[to] as number);
    const delayMs = delayMinMs + slowMs - Math.log(1 - this.#draw(link)) * delayMeanMs;
    if (link.deadUntilMs[side] > time.nowMs) this.#ports.counts.add("net.sent_in_vain");
    let arrivalMs = Math.max(time.nowMs, link.deadUntilMs[side]) + delayMs;
    if (reorderChance > 0 && this.#draw(link) < reorderChance) this.#ports.counts.add("net.reordered");
    else {
      arrivalMs = Math.max(arrivalMs, connection.arrivalMs[side]);
      connection.arrivalMs[side] = arrivalMs;
    }
    connection.queuedBytes[side] += frame.length;
    // At the moment itself: a difference of moments is rounded, and would let frames overtake each other.
    time.at(arrivalMs, () => {
      connection.queuedBytes[side] -= frame.length;
      if (!connection.isOpen) return this.#ports.counts.add("net.lost_with_cut");
      this.#ports.trace.number(time.nowMs).number(from).number(to).bytes(frame);
      this.#ports.counts.add("net.frames");
      this.#eventsByNode[to]?.onFrame(peerOf(from), frame);
    });
  }

  #dial(link: Link): void {
    if (link.isDialling || !this.#mayConnect(link)) return;
    link.isDialling = true;
    this.#ports.time.after(this.#draw(link) * this.#weather.redialMaxMs, () => {
      link.isDialling = false;
      if (this.#mayConnect(link)) this.#connect(link);
    });
  }

  #connect(link: Link): void {
    const connection: Connection = { isOpen: true, queuedBytes: [0, 0], arrivalMs: [0, 0] };
    const [a, b] = link.ends;
    link.seen[0] = connection;
    link.seen[1] = connection;
    this.#ports.counts.add("net.connected");
    this.#ports.trace.number(this.#ports.time.nowMs).number(a).number(b);
    this.#eventsByNode[a]?.onConnect(peerOf(b));
    this.#eventsByNode[b]?.onConnect(peerOf(a));
  }

  #mayConnect(link: Link): boolean {
    if (link.seen[0] || link.seen[1] || this.#isApart(link)) return false;
    return link.ends.every((node) => this.#eventsByNode[node] !== undefined);
  }

  #isApart({ ends }: Link): boolean {
    return this.#groups !== undefined && this.#groups[ends[0]] !== this.#groups[ends[1]];
  }

  /** Loses what is under way; each side is told in its own time, but `toldSide` (which knows) at once. */
  #break(link: Link, toldSide: Side | undefined): void {
    for (const side of [0, 1] as const) {
      const connection = link.seen[side];
      if (!connection) continue;
      connection.isOpen = false;
      if (side === toldSide) {
        link.seen[side] = undefined;
        continue;
      }
      const node = link.ends[side];
      const events = this.#eventsByNode[node];
      this.#ports.time.after(this.#draw(link) * this.#weather.noticeMaxMs, () => {
        if (link.seen[side] !== connection) return;
        link.seen[side] = undefined;
        if (events && this.#eventsByNode[node] === events) events.onDisconnect(peerOf(link.ends[1 - side] as number));
        this.#dial(link);
      });
    }
    this.#dial(link);
  }

  #linksOf(node: number): readonly Link[] {
    return this.#linksByNode[node] as Link[];
  }

  #linkOf(a: number, b: number): Link | undefined {
    return this.#linkByPair.get(this.#indexOf(a, b));
  }

  #addLink(a: number, b: number): void {
    const [low, high] = a < b ? [a, b] : [b, a];
    const index = this.#indexOf(low, high);
    const seen: Link["seen"] = [undefined, undefined];
    const link: Link = { index, ends: [low, high], seen, deadUntilMs: [0, 0], draws: 0, isDialling: false };
    this.#linkByPair.set(index, link);
    this.#linksByNode[low]?.push(link);
    this.#linksByNode[high]?.push(link);
  }

  #indexOf(a: number, b: number): number {
    const [low, high] = a < b ? [a, b] : [b, a];
    return low * this.#ports.nodes - (low * (low + 1)) / 2 + high - low - 1;
  }

  #draw(link: Link): number {
    return mixUnit(this.#ports.seed, 1, link.index, link.draws++);
  }
}

function allPairs(nodes: number): (readonly [number, number])[] {
  const pairs: (readonly [number, number])[] = [];
  for (let a = 0; a < nodes; a++) for (let b = a + 1; b < nodes; b++) pairs.push([a, b]);
  return pairs;
}

export function peerOf(node: number): PeerId {
  return peerId(`n${node}`);
}

export function nodeOf(peer: PeerId): number {
  return Number(peer.slice(1));
}
