/**
 * Two connectors that lead to each other within one process: for tests, and for two databases of one page. Frames are
 * handed over in a later turn, in order; what waits is bounded.
 */
import { bytesToHex, type PeerId, peerId, type SendOutcome } from "../base/index.ts";
import type { Connector, ConnectorStatus, OpenOptions, OpenTransport } from "./connector.ts";
import { LINK_QUEUE_BYTES_MAX } from "./limits.ts";

const PEER_BYTES = 8;

export function memoryPair(): readonly [Connector, Connector] {
  const ends: (End | undefined)[] = [undefined, undefined];
  const connector = (mine: 0 | 1): Connector => ({
    open: (options) => {
      const end = new End(options, () => {
        const other = ends[1 - mine];
        ends[mine] = undefined;
        other?.leave();
      });
      ends[mine] = end;
      const other = ends[1 - mine];
      if (other?.isIn(options.room)) {
        end.meet(other);
        other.meet(end);
      }
      return end;
    },
  });
  return [connector(0), connector(1)];
}

class End implements OpenTransport {
  readonly self: PeerId;
  status: ConnectorStatus = { kind: "connecting" };
  readonly #options: OpenOptions;
  readonly #onDispose: () => void;
  readonly #inbox: Uint8Array[] = [];
  #inboxBytes = 0;
  #other: End | undefined;

  constructor(options: OpenOptions, onDispose: () => void) {
    this.#options = options;
    this.#onDispose = onDispose;
    this.self = peerId(`memory-${bytesToHex(options.ports.random.bytes(PEER_BYTES))}`);
  }

  isIn(room: Uint8Array): boolean {
    return bytesToHex(room) === bytesToHex(this.#options.room);
  }

  meet(other: End): void {
    this.#other = other;
    this.#later(() => {
      if (this.#other !== other) return;
      this.#setStatus({ kind: "connected" });
      this.#options.events.onConnect(other.self);
    });
  }

  /** The other end is gone. */
  leave(): void {
    const other = this.#other;
    if (other === undefined) return;
    this.#other = undefined;
    this.#inbox.length = 0;
    this.#inboxBytes = 0;
    this.#later(() => {
      if (this.status.kind !== "closed") this.#setStatus({ kind: "connecting" });
      this.#options.events.onDisconnect(other.self);
    });
  }

  send(peer: PeerId, frame: Uint8Array): SendOutcome {
    if (this.#other === undefined || this.#other.self !== peer) return "disconnected";
    return this.#other.#receive(frame) ? "queued" : "full";
  }

  peers(): readonly PeerId[] {
    return this.#other === undefined ? [] : [this.#other.self];
  }

  disconnect(peer: PeerId): void {
    const other = this.#other;
    if (other?.self !== peer) return;
    this.leave();
    other.leave();
  }

  [Symbol.dispose](): void {
    if (this.status.kind === "closed") return;
    this.leave();
    this.#setStatus({ kind: "closed" });
    this.#onDispose();
  }

  #receive(frame: Uint8Array): boolean {
    if (this.#inbox.length > 0 && this.#inboxBytes + frame.length > LINK_QUEUE_BYTES_MAX) return false;
    this.#inbox.push(frame);
    this.#inboxBytes += frame.length;
    if (this.#inbox.length === 1) this.#later(() => this.#drain());
    return true;
  }

  #drain(): void {
    const from = this.#other;
    if (from === undefined) return;
    const frames = this.#inbox.splice(0);
    this.#inboxBytes = 0;
    for (const frame of frames) if (this.#other === from) this.#options.events.onFrame(from.self, frame);
  }

  #setStatus(status: ConnectorStatus): void {
    this.status = status;
    this.#options.onStatus(status);
  }

  #later(task: () => void): void {
    this.#options.ports.scheduler.after(0, task);
  }
}
