/** Presence of one context between two nodes: frames out, and in no more of them than a peer may send. */
import type { Clock, Failure, SendOutcome } from "../../base/index.ts";
import type { Frame } from "../frames.ts";
import { PRESENCE_BURST_MAX, PRESENCE_ENTRIES_PER_SECOND, PRESENCES_PER_FRAME_MAX } from "../limits.ts";
import type { Presence, PresenceLink, SentPresence } from "./presence.ts";

type PresenceFrame = Extract<Frame, { readonly kind: "presence" }>;

export interface PeerPresencePorts {
  readonly clock: Clock;
  /** Undefined where nobody cares who is there. */
  readonly presence: Presence | undefined;
  readonly count: (name: string) => void;
  readonly charge: (failure: Failure) => void;
  readonly send: (frame: Omit<PresenceFrame, "channel">) => SendOutcome;
  readonly hears: (actorKey: string) => boolean;
}

export class PeerPresence implements PresenceLink {
  readonly #ports: PeerPresencePorts;
  #tokens = PRESENCE_BURST_MAX;
  #filledMs: number;

  constructor(ports: PeerPresencePorts) {
    this.#ports = ports;
    this.#filledMs = ports.clock.now();
  }

  /** The peer takes this context's frames from now on. */
  open(): void {
    this.#ports.presence?.join(this);
  }

  close(): void {
    this.#ports.presence?.remove(this);
  }

  hears(actorKey: string): boolean {
    return this.#ports.hears(actorKey);
  }

  /** What does not fit the peer's queue is not sent again: it is said anew soon, or over. */
  send(entries: readonly SentPresence[]): void {
    for (let at = 0; at < entries.length; at += PRESENCES_PER_FRAME_MAX)
      this.#ports.send({ kind: "presence", entries: entries.slice(at, at + PRESENCES_PER_FRAME_MAX) });
  }

  onFrame({ entries }: PresenceFrame): void {
    const { presence, charge, count } = this.#ports;
    if (!presence) return;
    this.#fill();
    for (const entry of entries) {
      if (this.#tokens < 1) return count("sync.presence_too_many");
      this.#tokens--;
      const failure = presence.take(entry, this);
      if (failure) charge(failure);
    }
  }

  #fill(): void {
    const now = this.#ports.clock.now();
    const seconds = Math.max(0, now - this.#filledMs) / 1_000;
    this.#tokens = Math.min(PRESENCE_BURST_MAX, this.#tokens + seconds * PRESENCE_ENTRIES_PER_SECOND);
    this.#filledMs = now;
  }
}
