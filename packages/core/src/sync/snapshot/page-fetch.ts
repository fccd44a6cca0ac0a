/**
 * Fetching pages of a state from all who have them, some at a time from each. Each is kept when it hashes to its name,
 * so no peer is believed anything, and who stalls, lacks or forges one delays it and no more.
 */
import { type Clock, concatBytes, idKey, type PeerId } from "../../base/index.ts";
import { SNAPSHOT_PAGE_BYTES_MAX, type Staging } from "../../replica/index.ts";
import { isPast } from "../clock.ts";
import { SNAPSHOT_PAGES_IN_FLIGHT, SNAPSHOT_PATIENCE_MS } from "../limits.ts";
import type { SetAside } from "./set-aside.ts";
import type { PartSaid } from "./snapshot-frames.ts";
import type { SnapshotSource } from "./sources.ts";

export interface PageFetchPorts {
  readonly clock: Clock;
  readonly aside: SetAside;
  readonly sources: () => readonly SnapshotSource[];
  readonly keep: (hash: Uint8Array, page: Uint8Array) => Staging;
  readonly onForged: (peer: PeerId) => void;
}

/** A page that was asked for. */
interface Flight {
  readonly hash: Uint8Array;
  readonly from: PeerId;
  sinceMs: number;
  total: number | undefined;
  readonly parts: Uint8Array[];
  bytes: number;
}

export class PageFetch {
  readonly #ports: PageFetchPorts;
  /** Pages that nobody was asked for yet. */
  readonly #left: Map<string, Uint8Array>;
  readonly #flights = new Map<string, Flight>();
  /** Who has not all of them. */
  readonly #lacking = new Set<PeerId>();

  constructor(ports: PageFetchPorts, missing: readonly Uint8Array[]) {
    this.#ports = ports;
    this.#left = new Map(missing.map((hash) => [idKey(hash), hash]));
  }

  get isDone(): boolean {
    return this.#left.size + this.#flights.size === 0;
  }

  /** Whether nobody who is here has what is left. */
  get isInVain(): boolean {
    if (this.isDone || this.#flights.size > 0 || this.#lacking.size === 0) return false;
    return this.#ports.sources().every(({ id }) => this.#lacking.has(id));
  }

  /** Asks for more, as far as there is room. */
  ask(): void {
    const loads = new Map<PeerId, number>();
    for (const { from } of this.#flights.values()) loads.set(from, (loads.get(from) ?? 0) + 1);
    for (const source of this.#ports.sources()) {
      if (this.#lacking.has(source.id) || this.#ports.aside.has(source.id)) continue;
      const room = SNAPSHOT_PAGES_IN_FLIGHT - (loads.get(source.id) ?? 0);
      for (const [key, hash] of [...this.#left].slice(0, Math.max(0, room))) {
        if (source.send({ kind: "want", hash, offset: 0 }) !== "queued") break;
        this.#left.delete(key);
        const begun = { sinceMs: this.#ports.clock.now(), total: undefined, parts: [], bytes: 0 };
        this.#flights.set(key, { hash, from: source.id, ...begun });
      }
    }
  }

  /** True when a page is whole, and kept. */
  onPart(from: PeerId, { hash, total, offset, bytes }: PartSaid): boolean {
    const flight = this.#flights.get(idKey(hash));
    if (flight?.from !== from || (total > 0 && offset !== flight.bytes)) return false;
    if (total === 0) {
      this.#lacking.add(from);
      this.#ports.aside.add(from);
      this.#land(flight);
      return false;
    }
    const isSound = total <= SNAPSHOT_PAGE_BYTES_MAX && total === (flight.total ?? total);
    if (!isSound || bytes.length === 0 || offset + bytes.length > total) return this.#refuse(flight);
    flight.total = total;
    flight.parts.push(bytes.slice());
    flight.bytes += bytes.length;
    flight.sinceMs = this.#ports.clock.now();
    if (flight.bytes < total) {
      const source = this.#ports.sources().find(({ id }) => id === from);
      if (source?.send({ kind: "want", hash: flight.hash, offset: flight.bytes }) !== "queued") this.#land(flight);
      return false;
    }
    const kept = this.#ports.keep(flight.hash, concatBytes(...flight.parts));
    if (kept === "forged") return this.#refuse(flight);
    if (kept === "no key") {
      this.#ports.aside.add(from);
      this.#land(flight);
      return false;
    }
    this.#flights.delete(idKey(flight.hash));
    this.#ports.aside.forgive(from);
    return true;
  }

  /** Who is gone, or has not answered in time, is waited for no longer. */
  letGo(): void {
    const present = new Set(this.#ports.sources().map(({ id }) => id));
    const late = new Set<PeerId>();
    for (const { from, sinceMs } of this.#flights.values()) {
      if (isPast(this.#ports.clock.now(), sinceMs, SNAPSHOT_PATIENCE_MS)) late.add(from);
    }
    for (const peer of late) this.#ports.aside.add(peer);
    for (const flight of [...this.#flights.values()]) {
      if (late.has(flight.from) || !present.has(flight.from)) this.#land(flight);
    }
  }

  #refuse(flight: Flight): false {
    this.#lacking.add(flight.from);
    this.#ports.aside.add(flight.from);
    this.#land(flight);
    this.#ports.onForged(flight.from);
    return false;
  }

  /** A page is to be asked for again. */
  #land({ hash }: Flight): void {
    this.#flights.delete(idKey(hash));
    this.#left.set(idKey(hash), hash);
  }
}
