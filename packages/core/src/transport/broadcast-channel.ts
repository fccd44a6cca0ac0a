/**
 * A transport between the pages of one origin in one browser, over a BroadcastChannel. Whoever can listen on it is of
 * the same origin and could read the database anyhow, so nothing is encrypted.
 *
 * A channel says nothing of who listens: each end says that it is there, every few seconds, and is gone when it says so
 * or has been silent for long. It has no backpressure either: an end counts the bytes that the other has not yet
 * handled, and answers "full" beyond a limit.
 */
import { bytesToHex, type Cancel, type PeerId, peerId, type SendOutcome } from "../base/index.ts";
import { type ChannelConstructor, type ChannelLike, platformBroadcastChannel } from "../platform/index.ts";
import type { Connector, ConnectorStatus, OpenOptions, OpenTransport } from "./connector.ts";
import {
  LINK_FRAME_BYTES_MAX,
  LINK_QUEUE_BYTES_MAX,
  PARTED_MAX,
  ROOM_PEERS_MAX,
  TAB_ALIVE_MS,
  TAB_SILENT_MS,
} from "./limits.ts";
import { readTabMessage, type TabMessage } from "./tab-messages.ts";

const PEER_BYTES = 16;

export interface BroadcastChannelOptions {
  /** Tells groups of one room apart; seldom needed. */
  readonly name?: string;
  readonly BroadcastChannel?: ChannelConstructor;
}

/** Leads to the other pages of this origin that have the same database open. */
export function broadcastChannel(options: BroadcastChannelOptions = {}): Connector {
  const Channel = options.BroadcastChannel ?? platformBroadcastChannel();
  if (Channel === undefined) throw new TypeError("this platform has no BroadcastChannel: pass one");
  const name = options.name ?? "dunlin";
  return { open: (open) => new ChannelTransport(new Channel(`${name}/${bytesToHex(open.room)}`), open) };
}

interface Tab {
  readonly id: PeerId;
  heardMs: number;
  /** Sent to it and not yet handled there. */
  unhandledBytes: number;
}

class ChannelTransport implements OpenTransport {
  readonly self: PeerId;
  status: ConnectorStatus = { kind: "connected" };
  readonly #channel: ChannelLike;
  readonly #options: OpenOptions;
  readonly #tabs = new Map<string, Tab>();
  /** Tabs that this one, or that have, done with the other: not met again, whatever they say. */
  readonly #parted = new Set<string>();
  #cancelAlive: Cancel | undefined;

  constructor(channel: ChannelLike, options: OpenOptions) {
    this.#channel = channel;
    this.#options = options;
    this.self = peerId(`tab-${bytesToHex(options.ports.random.bytes(PEER_BYTES))}`);
    channel.onmessage = ({ data }) => this.#onMessage(readTabMessage(data));
    options.ports.scheduler.after(0, () => this.#start());
  }

  send(peer: PeerId, frame: Uint8Array): SendOutcome {
    const tab = this.#tabs.get(peer);
    if (tab === undefined) return "disconnected";
    const waiting = tab.unhandledBytes;
    if (frame.length > LINK_FRAME_BYTES_MAX || (waiting > 0 && waiting + frame.length > LINK_QUEUE_BYTES_MAX)) {
      return "full";
    }
    tab.unhandledBytes += frame.length;
    this.#post({ kind: "frame", from: this.self, to: peer, frame });
    return "queued";
  }

  peers(): readonly PeerId[] {
    return [...this.#tabs.values()].map(({ id }) => id);
  }

  disconnect(peer: PeerId): void {
    if (!this.#tabs.has(peer)) return;
    this.#post({ kind: "parted", from: this.self, to: peer });
    this.#part(peer);
  }

  [Symbol.dispose](): void {
    if (this.status.kind === "closed") return;
    this.#cancelAlive?.();
    this.status = { kind: "closed" };
    this.#post({ kind: "gone", from: this.self });
    this.#channel.close();
    for (const id of this.peers()) this.#forget(id);
    this.#options.onStatus(this.status);
  }

  #start(): void {
    if (this.status.kind === "closed") return;
    this.#options.onStatus(this.status);
    this.#alive(true);
  }

  #alive(answers: boolean): void {
    this.#post({ kind: "here", from: this.self, answers });
    const silentSince = this.#options.ports.clock.now() - TAB_SILENT_MS;
    for (const { id, heardMs } of [...this.#tabs.values()]) if (heardMs < silentSince) this.#forget(id);
    this.#cancelAlive = this.#options.ports.scheduler.after(TAB_ALIVE_MS, () => this.#alive(false));
  }

  #onMessage(message: TabMessage | undefined): void {
    if (message === undefined || message.from === this.self || this.status.kind === "closed") return;
    if ("to" in message && message.to !== this.self) return;
    switch (message.kind) {
      case "here":
        return this.#onHere(message.from, message.answers);
      case "gone":
        return this.#forget(peerId(message.from));
      case "parted":
        return this.#part(peerId(message.from));
      case "frame":
        return this.#onFrame(message.from, message.frame);
      case "taken":
        return this.#onTaken(message.from, message.bytes);
    }
  }

  #onHere(from: string, answers: boolean): void {
    const known = this.#tabs.get(from);
    const heardMs = this.#options.ports.clock.now();
    if (known !== undefined) {
      known.heardMs = heardMs;
      return;
    }
    if (this.#tabs.size >= ROOM_PEERS_MAX || this.#parted.has(from)) return;
    this.#tabs.set(from, { id: peerId(from), heardMs, unhandledBytes: 0 });
    // It must know this end before it is sent a frame.
    if (answers) this.#post({ kind: "here", from: this.self, answers: false });
    this.#options.events.onConnect(peerId(from));
  }

  #onFrame(from: string, frame: Uint8Array): void {
    const tab = this.#tabs.get(from);
    if (tab === undefined) return;
    tab.heardMs = this.#options.ports.clock.now();
    this.#options.events.onFrame(tab.id, frame);
    this.#post({ kind: "taken", from: this.self, to: from, bytes: frame.length });
  }

  #onTaken(from: string, bytes: number): void {
    const tab = this.#tabs.get(from);
    if (tab !== undefined) tab.unhandledBytes = Math.max(0, tab.unhandledBytes - bytes);
  }

  #part(peer: PeerId): void {
    if (this.#parted.size < PARTED_MAX) this.#parted.add(peer);
    this.#forget(peer);
  }

  #forget(peer: PeerId): void {
    if (this.#tabs.delete(peer)) this.#options.events.onDisconnect(peer);
  }

  #post(message: TabMessage): void {
    this.#channel.postMessage(message);
  }
}
