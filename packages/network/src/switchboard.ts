/**
 * Every connection of this node, by peer, and which one is the session: the stream whose frames count.
 *
 * Owns: at most one session per peer, the same one on both sides once greetings have crossed (`pairing.ts`);
 * `onConnect` and `onDisconnect` alternate for a peer, and frames come only between them; a connection that does not
 * become a session is closed, at the latest at the greeting deadline.
 * Refuses: connections above the limits, in total, inbound and per peer.
 */
import {
  assert,
  type Cancel,
  type Log,
  type PeerId,
  type Random,
  type Scheduler,
  type SendOutcome,
  type TransportEvents,
} from "@dunlin/core/base";
import type { CutCode } from "./failure.ts";
import { TOKEN_BYTES } from "./hello.ts";
import { CONNECTIONS_PER_PEER_MAX, GREETING_DEADLINE_MS, INBOUND_SHARE } from "./limits.ts";
import { Link, type LinkCounters, type LinkEvents } from "./link.ts";
import { isDecider, judgeHello } from "./pairing.ts";
import type { Pipe } from "./pipe.ts";

/** A connection below: it carries at most one stream of ours. */
export interface Wire {
  readonly peer: PeerId;
  readonly inbound: boolean;
  destroy(code: CutCode): void;
}

export interface SwitchboardPorts {
  readonly self: PeerId;
  readonly events: TransportEvents;
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly log: Log;
  readonly connectionsMax: number;
}

export interface PeerStats extends Readonly<LinkCounters> {
  readonly peer: PeerId;
  readonly queuedFrames: number;
  readonly queuedBytes: number;
}

export interface SwitchboardStats {
  /** Connections, with those that are not sessions yet. */
  readonly connections: number;
  /** The sessions. */
  readonly peers: readonly PeerStats[];
  /** Since the start, closed sessions included. */
  readonly totals: Readonly<LinkCounters>;
  /** How many connections were closed, by reason. */
  readonly cuts: Readonly<Partial<Record<CutCode, number>>>;
}

interface Slot {
  readonly peer: PeerId;
  readonly wires: Set<Wire>;
  /** What this side greets with, when the other side decides. */
  token: Uint8Array;
  /** The session, and what the peer greeted with. */
  session: { readonly link: Link; readonly token: Uint8Array } | undefined;
  /** Whoever waits for a session; told false when the last connection closes without one. */
  readonly waiting: Set<(connected: boolean) => void>;
}

interface WireState {
  readonly slot: Slot;
  readonly cancelDeadline: Cancel;
  link: Link | undefined;
}

export class Switchboard {
  readonly #ports: SwitchboardPorts;
  readonly #slots = new Map<PeerId, Slot>();
  readonly #wires = new Map<Wire, WireState>();
  readonly #pastTotals: LinkCounters = { framesIn: 0, bytesIn: 0, framesOut: 0, bytesOut: 0, dropped: 0 };
  readonly #cuts: Partial<Record<CutCode, number>> = {};
  #closing = false;

  constructor(ports: SwitchboardPorts) {
    this.#ports = ports;
  }

  get connections(): number {
    return this.#wires.size;
  }

  /** A connection was opened, by either side. */
  opened(wire: Wire): void {
    const slot = this.#slots.get(wire.peer) ?? this.#createSlot(wire.peer);
    const refusal = this.#refusal(slot, wire);
    if (refusal !== undefined) {
      this.#refuse(wire, refusal);
      return;
    }
    this.#slots.set(wire.peer, slot);
    slot.wires.add(wire);
    const cancelDeadline = this.#ports.scheduler.after(GREETING_DEADLINE_MS, () => this.reject(wire, "HELLO_TIMEOUT"));
    this.#wires.set(wire, { slot, cancelDeadline, link: undefined });
  }

  /** Its stream is open. */
  attached(wire: Wire, pipe: Pipe): void {
    const state = this.#wires.get(wire);
    if (state === undefined || state.link !== undefined) {
      pipe.destroy("CONNECTION_DUPLICATE");
      return;
    }
    const { slot } = state;
    const link = new Link(wire.peer, pipe, this.#ports.scheduler, this.#linkEvents(state));
    state.link = link;
    if (!isDecider(this.#ports.self, slot.peer)) link.greet(slot.token);
  }

  /** The connection closed, whoever closed it. */
  closed(wire: Wire): void {
    const state = this.#wires.get(wire);
    if (state === undefined) return;
    const { slot } = state;
    state.cancelDeadline();
    this.#wires.delete(wire);
    slot.wires.delete(wire);
    state.link?.cut("PEER_CLOSED");
    if (slot.wires.size > 0) return;
    this.#slots.delete(slot.peer);
    this.#settle(slot, false);
  }

  /** Closes a connection that did not become a session. */
  reject(wire: Wire, code: CutCode): void {
    const state = this.#wires.get(wire);
    if (state === undefined) return;
    if (state.link !== undefined) state.link.cut(code);
    else this.#refuse(wire, code);
  }

  send(peer: PeerId, frame: Uint8Array): SendOutcome {
    return this.#slots.get(peer)?.session?.link.send(frame) ?? "disconnected";
  }

  peers(): readonly PeerId[] {
    return [...this.#slots.values()].filter((slot) => slot.session !== undefined).map((slot) => slot.peer);
  }

  isConnected(peer: PeerId): boolean {
    return this.#slots.get(peer)?.session !== undefined;
  }

  disconnect(peer: PeerId, reason: string): void {
    this.#slots.get(peer)?.session?.link.cut("PEER_REFUSED", reason);
  }

  /** True once the peer has a session; false when its last connection closed without one, or the signal fired. */
  untilConnected(peer: PeerId, signal: AbortSignal): Promise<boolean> {
    const slot = this.#slots.get(peer);
    if (slot === undefined || slot.session !== undefined) return Promise.resolve(slot !== undefined);
    return new Promise((resolve) => {
      const settle = (connected: boolean): void => {
        slot.waiting.delete(settle);
        signal.removeEventListener("abort", abort);
        resolve(connected);
      };
      const abort = (): void => settle(false);
      slot.waiting.add(settle);
      signal.addEventListener("abort", abort);
      if (signal.aborted) abort();
    });
  }

  /** Writes out what waits and takes no connection any more. The transport closes the connections. */
  beginClose(): void {
    this.#closing = true;
    for (const slot of this.#slots.values()) slot.session?.link.flush();
  }

  /** Ends what is left: no timer and no waiter stays. */
  endClose(): void {
    assert(this.#closing, "closing begins before it ends");
    for (const wire of [...this.#wires.keys()]) {
      this.reject(wire, "NETWORK_CLOSED");
      this.closed(wire);
    }
  }

  stats(): SwitchboardStats {
    const totals = { ...this.#pastTotals };
    const peers: PeerStats[] = [];
    for (const { link } of this.#wires.values()) {
      if (link === undefined || link.closed) continue;
      addCounters(totals, link.counters);
      if (this.#slots.get(link.peer)?.session?.link !== link) continue;
      const { peer, queuedFrames, queuedBytes } = link;
      peers.push({ peer, queuedFrames, queuedBytes, ...link.counters });
    }
    return { connections: this.#wires.size, peers, totals, cuts: { ...this.#cuts } };
  }

  #refusal(slot: Slot, wire: Wire): CutCode | undefined {
    if (this.#closing) return "NETWORK_CLOSED";
    const { connectionsMax } = this.#ports;
    if (this.#wires.size >= connectionsMax) return "CONNECTIONS_TOO_MANY";
    const inboundMax = Math.ceil(connectionsMax * INBOUND_SHARE);
    if (wire.inbound && this.#countInbound() >= inboundMax) return "CONNECTIONS_TOO_MANY";
    return slot.wires.size >= CONNECTIONS_PER_PEER_MAX ? "CONNECTIONS_TOO_MANY" : undefined;
  }

  #countInbound(): number {
    let count = 0;
    for (const wire of this.#wires.keys()) if (wire.inbound) count++;
    return count;
  }

  #createSlot(peer: PeerId): Slot {
    return { peer, wires: new Set(), token: this.#drawToken(), session: undefined, waiting: new Set() };
  }

  #drawToken(): Uint8Array {
    return this.#ports.random.bytes(TOKEN_BYTES);
  }

  #linkEvents(state: WireState): LinkEvents {
    const { slot } = state;
    return {
      onHello: (link, token) => this.#greeted(state, link, token),
      onFrame: (_, frame) => this.#ports.events.onFrame(slot.peer, frame),
      onClose: (link, code, detail) => this.#ended(slot, link, code, detail),
    };
  }

  #greeted(state: WireState, link: Link, token: Uint8Array): void {
    const { slot } = state;
    const decides = isDecider(this.#ports.self, slot.peer);
    if (decides && judgeHello(slot.session?.token, token) === "refuse") {
      link.cut("CONNECTION_DUPLICATE");
      return;
    }
    const previous = slot.session;
    if (previous !== undefined) this.#replace(slot, previous.link);
    // The layer above may have answered the end of the previous session by closing everything.
    if (link.closed) return;
    state.cancelDeadline();
    slot.session = { link, token };
    if (decides) link.greet(slot.token);
    link.accept();
    this.#ports.log.log("info", "network.connected", { peer: slot.peer });
    this.#settle(slot, true);
    this.#ports.events.onConnect(slot.peer);
  }

  /** The token stays: it is what the decider knows the new session by. */
  #replace(slot: Slot, link: Link): void {
    const { token } = slot;
    link.cut("CONNECTION_REPLACED");
    slot.token = token;
  }

  #ended(slot: Slot, link: Link, cause: CutCode, detail: string): void {
    const code = this.#closing ? "NETWORK_CLOSED" : cause;
    this.#cuts[code] = (this.#cuts[code] ?? 0) + 1;
    addCounters(this.#pastTotals, link.counters);
    if (slot.session?.link !== link) return;
    slot.session = undefined;
    slot.token = this.#drawToken();
    this.#ports.log.log("info", "network.disconnected", { peer: slot.peer, code, detail });
    this.#ports.events.onDisconnect(slot.peer);
  }

  #refuse(wire: Wire, code: CutCode): void {
    this.#cuts[code] = (this.#cuts[code] ?? 0) + 1;
    this.#ports.log.log("debug", "network.refused", { peer: wire.peer, code });
    wire.destroy(code);
  }

  #settle(slot: Slot, connected: boolean): void {
    for (const settle of [...slot.waiting]) settle(connected);
  }
}

function addCounters(into: LinkCounters, from: LinkCounters): void {
  into.framesIn += from.framesIn;
  into.bytesIn += from.bytesIn;
  into.framesOut += from.framesOut;
  into.bytesOut += from.bytesOut;
  into.dropped += from.dropped;
}
