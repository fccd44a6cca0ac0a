/**
 * When the periodic message names a context to one peer: in a round when something changed, at most once in the interval,
 * and at each heartbeat in any case, then with its root.
 */
import type { Clock } from "../base/index.ts";
import type { Replica } from "../replica/index.ts";
import { isPast } from "./clock.ts";
import { headsDigest } from "./digest.ts";
import type { DigestEntry } from "./frames.ts";
import type { SyncSettings } from "./settings.ts";

export interface HeartbeatPorts {
  readonly replica: Replica;
  readonly clock: Clock;
  readonly crypto: { sha256(bytes: Uint8Array): Uint8Array };
  readonly settings: SyncSettings;
  readonly channel: number;
}

export class Heartbeat {
  readonly #ports: HeartbeatPorts;
  #sentMs = Number.NEGATIVE_INFINITY;
  #sentCount = -1;
  #beatMs = Number.NEGATIVE_INFINITY;

  constructor(ports: HeartbeatPorts) {
    this.#ports = ports;
  }

  /** What the message says of this context; undefined when there is nothing to say. */
  due(isRound: boolean): DigestEntry | undefined {
    const { replica, settings, clock, crypto, channel } = this.#ports;
    const { flushed } = replica;
    const now = clock.now();
    const isBeat = isPast(now, this.#beatMs, settings.heartbeatMs);
    const isChanged = flushed.count !== this.#sentCount;
    const isDue = isRound && isChanged && isPast(now, this.#sentMs, settings.intervalMs);
    if (!isBeat && !isDue) return undefined;
    // Not known while calls are under way: then the next heartbeat has it.
    const root = isBeat ? flushed.root : undefined;
    if (isBeat) this.#beatMs = now;
    this.#sentMs = now;
    this.#sentCount = flushed.count;
    return { channel, heads: headsDigest(crypto, flushed), root };
  }
}
