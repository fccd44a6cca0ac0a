/** Peers that are not asked for a while: twice as long each time, until they bring something. */
import type { Clock, PeerId } from "../../base/index.ts";
import { isPast } from "../clock.ts";
import { BACKOFF_MAX_MS } from "../limits.ts";

const FIRST_MS = 1_000;

interface Rest {
  readonly times: number;
  readonly sinceMs: number;
}

export class SetAside {
  readonly #clock: Clock;
  readonly #rests = new Map<PeerId, Rest>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  has(peer: PeerId): boolean {
    const rest = this.#rests.get(peer);
    if (!rest) return false;
    const waitMs = Math.min(BACKOFF_MAX_MS, FIRST_MS * 2 ** Math.min(rest.times - 1, 16));
    return !isPast(this.#clock.now(), rest.sinceMs, waitMs);
  }

  add(peer: PeerId): void {
    const times = (this.#rests.get(peer)?.times ?? 0) + 1;
    this.#rests.set(peer, { times, sinceMs: this.#clock.now() });
  }

  /** It brought something. */
  forgive(peer: PeerId): void {
    this.#rests.delete(peer);
  }

  clear(): void {
    this.#rests.clear();
  }
}
