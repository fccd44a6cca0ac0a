/**
 * How new deltas of one context reach its members: own ones after their flush, others' as soon as they are admitted,
 * each along its author's tree (`routes.ts`), gathered by a window (`batch-window.ts`) so that many share a frame.
 *
 * It makes things quick and promises nothing: a neighbour whose queue is full is behind and left to sync, a batch larger
 * than the limit is announced instead, and what is lost is found by announcements and pulled. Refuses to route authors
 * of whom nothing is admitted here, so that nobody can make the table grow.
 */
import type { Cancel, Clock, Scheduler } from "../base/index.ts";
import type { AuthenticDelta, VersionVector } from "../dag/index.ts";
import { BatchWindow } from "./batch-window.ts";
import {
  ANNOUNCE_MAX_MS,
  ANNOUNCE_MIN_MS,
  ANNOUNCE_PER_NEIGHBOUR_MS,
  ANNOUNCE_PULLED_MS,
  BATCH_BYTES_MAX,
  BATCH_WINDOW_MAX_MS,
  BATCH_WINDOW_MIN_MS,
  BATCH_WINDOW_PER_MEMBER_MS,
  BATCH_WINDOW_PER_NEIGHBOUR_MS,
} from "./limits.ts";
import { Patience } from "./patience.ts";
import { type RouteChange, type RouteOrder, Routes } from "./routes.ts";

/** A session as broadcasting sees it: one member's node that takes this context's frames. */
export interface Neighbour {
  /** False when they do not fit its queue: it is behind. */
  push(deltas: readonly Uint8Array[]): boolean;
  /** Tells what is held, of some authors. */
  announce(vector: VersionVector): void;
  /** Tells what is flushed of what it sent: of its own deltas, or of all. */
  acknowledge(of: "its own" | "all"): void;
  route(change: RouteChange, actorKeys: readonly string[]): void;
  /** True when it is the node of the member who writes as this actor. */
  isAuthor(actorKey: string): boolean;
}

export interface BroadcastPorts {
  readonly scheduler: Scheduler;
  readonly clock: Clock;
  /** What is admitted. */
  readonly vector: () => VersionVector;
  /** How many members there are. */
  readonly members: () => number;
  readonly count: (name: string) => void;
}

/** What a neighbour's push came to. */
export interface Received {
  /** Of whom it brought something new, and of whom only what is here. */
  readonly isNewByActor: ReadonlyMap<string, boolean>;
  /** What was admitted because of it: what had waited too. */
  readonly admitted: readonly AuthenticDelta[];
}

interface Waiting {
  readonly delta: AuthenticDelta;
  readonly from: Neighbour | undefined;
}

export class Broadcast {
  readonly #ports: BroadcastPorts;
  readonly #routes = new Routes<Neighbour>();
  readonly #neighbours = new Set<Neighbour>();
  readonly #window: BatchWindow;
  /** Looked at when a neighbour comes and with each announcement. */
  #members = 0;
  #waiting: Waiting[] = [];
  /** Authors of whom something was admitted since the last announcement, and whether it was pushed on. */
  readonly #news = new Map<string, "pushed" | "pulled">();
  #cancelAnnounce: Cancel | undefined;
  #announceDueMs = Number.POSITIVE_INFINITY;
  /** How long what is announced is waited for. */
  readonly patience: Patience = new Patience();

  constructor(ports: BroadcastPorts) {
    this.#ports = ports;
    const { scheduler, clock } = ports;
    this.#window = new BatchWindow({ scheduler, clock, leastMs: () => this.#leastMs(), flush: () => this.#flush() });
  }

  /** The window that is in force. */
  get windowMs(): number {
    return this.#window.windowMs;
  }

  add(neighbour: Neighbour): void {
    this.#neighbours.add(neighbour);
    this.#members = this.#ports.members();
  }

  remove(neighbour: Neighbour): void {
    if (this.#neighbours.delete(neighbour)) this.#tell(this.#routes.lost(neighbour));
  }

  stop(): void {
    this.#window.stop();
    this.#cancelAnnounce?.();
    this.#cancelAnnounce = undefined;
    this.#neighbours.clear();
    this.#waiting = [];
  }

  /** Own deltas were flushed. */
  broadcast(batch: readonly AuthenticDelta[]): void {
    this.#gather(batch, undefined);
  }

  /** A neighbour's batch has been through admission. */
  onBatch(from: Neighbour, { isNewByActor, admitted }: Received): void {
    const nowMs = this.#ports.clock.now();
    const orders = new Map<string, readonly RouteOrder<Neighbour>[]>();
    for (const [actorKey, isNew] of isNewByActor) {
      const isDirect = from.isAuthor(actorKey);
      orders.set(actorKey, this.#routes.received(actorKey, from, { isNew, isDirect, nowMs }));
    }
    this.#tell(orders);
    this.#gather(admitted, from);
  }

  /**
   * Deltas were pulled. A few that had come late go on along the tree, for those who hang on this node; what comes by the
   * page is announced, since whoever else lacks it may have pulled it too.
   */
  onPulled(from: Neighbour, admitted: readonly AuthenticDelta[], isBulk: boolean): void {
    if (!isBulk) return this.#gather(admitted, from);
    for (const { actorKey } of admitted) this.#noteNews(actorKey, "pulled");
  }

  /** Something waits to be acknowledged to a neighbour. */
  onAcknowledgeable(): void {
    this.#window.add(0);
  }

  onRoute(by: Neighbour, change: RouteChange, actorKeys: readonly string[]): void {
    const vector = this.#ports.vector();
    const known = actorKeys.filter((actorKey) => vector.has(actorKey));
    this.#tell(new Map(known.map((actorKey) => [actorKey, this.#routes.asked(actorKey, by, change)])));
  }

  /** What had not come of these authors was pulled from a neighbour. */
  turnTo(neighbour: Neighbour, actorKeys: readonly string[]): void {
    this.#tell(new Map(actorKeys.map((actorKey) => [actorKey, this.#routes.turnTo(actorKey, neighbour)])));
  }

  /** One frame for each neighbour and change. */
  #tell(ordersByActor: ReadonlyMap<string, readonly RouteOrder<Neighbour>[]>): void {
    const told = { accept: new Map<Neighbour, string[]>(), decline: new Map<Neighbour, string[]>() };
    for (const [actorKey, orders] of ordersByActor) {
      for (const { to, change } of orders) told[change].set(to, [...(told[change].get(to) ?? []), actorKey]);
    }
    for (const change of ["accept", "decline"] as const) {
      for (const [to, actorKeys] of told[change]) {
        this.#ports.count(`sync.route_${change}`);
        if (this.#neighbours.has(to)) to.route(change, actorKeys);
      }
    }
  }

  #leastMs(): number {
    const neighbours = this.#neighbours.size;
    const isSparse = this.#members > neighbours + 1;
    const ofMembers = isSparse ? this.#members * BATCH_WINDOW_PER_MEMBER_MS : 0;
    return clamp(Math.max(neighbours * BATCH_WINDOW_PER_NEIGHBOUR_MS, ofMembers), BATCH_WINDOW_MIN_MS);
  }

  #gather(deltas: readonly AuthenticDelta[], from: Neighbour | undefined): void {
    let bytes = 0;
    for (const delta of deltas) {
      this.#noteNews(delta.actorKey, "pushed");
      this.#waiting.push({ delta, from });
      bytes += delta.bytes.length;
    }
    if (deltas.length > 0) this.#window.add(bytes);
  }

  #flush(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const neighbour of this.#neighbours) {
      this.#push(neighbour, waiting);
      neighbour.acknowledge("its own");
    }
  }

  #push(neighbour: Neighbour, waiting: readonly Waiting[]): void {
    const deltas: Uint8Array[] = [];
    let bytes = 0;
    for (const { delta, from } of waiting) {
      // One without its payload is of use to those alone who ask for it so.
      if (from === neighbour || delta.isPruned || !this.#routes.leadsTo(delta.actorKey, neighbour)) continue;
      deltas.push(delta.bytes);
      bytes += delta.bytes.length;
    }
    if (deltas.length === 0) return;
    this.#ports.count("sync.batches");
    if (bytes > BATCH_BYTES_MAX) neighbour.announce(this.#ports.vector());
    else if (!neighbour.push(deltas)) this.#ports.count("sync.behind");
  }

  #noteNews(actorKey: string, how: "pushed" | "pulled"): void {
    if (this.#news.get(actorKey) !== "pulled") this.#news.set(actorKey, how);
    const apartMs = this.#neighbours.size * ANNOUNCE_PER_NEIGHBOUR_MS;
    this.#announceIn(
      how === "pulled" ? ANNOUNCE_PULLED_MS : Math.min(ANNOUNCE_MAX_MS, Math.max(ANNOUNCE_MIN_MS, apartMs)),
    );
  }

  #announceIn(delayMs: number): void {
    const dueMs = this.#ports.clock.now() + delayMs;
    if (this.#cancelAnnounce && dueMs >= this.#announceDueMs) return;
    this.#cancelAnnounce?.();
    this.#announceDueMs = dueMs;
    this.#cancelAnnounce = this.#ports.scheduler.after(delayMs, () => this.#announce());
  }

  #announce(): void {
    this.#cancelAnnounce = undefined;
    this.#members = this.#ports.members();
    const vector = this.#ports.vector();
    for (const neighbour of this.#neighbours) {
      const told = new Map<string, number>();
      for (const [actorKey, how] of this.#news) {
        const sequence = vector.get(actorKey);
        const isDue = how === "pulled" || this.#routes.mustAnnounce(actorKey, neighbour);
        if (sequence !== undefined && isDue) told.set(actorKey, sequence);
      }
      if (told.size > 0) neighbour.announce(told);
      neighbour.acknowledge("all");
    }
    this.#news.clear();
  }
}

function clamp(ms: number, min: number): number {
  return Math.min(BATCH_WINDOW_MAX_MS, Math.max(min, ms));
}
