/**
 * A session's pulls: one at a time, each answered by pages, within the node's slots, and not from a peer that failed a
 * moment ago. It goes on as long as pages bring something, and stops for want of room until a commit has made some.
 *
 * A pull has failed when no page comes in time; the wait doubles with each failure in a row. It can be resumed anywhere,
 * by this or another session, since what it asks for is what is not here.
 */
import { type Cancel, type Clock, type DeltaId, idKey, type Scheduler, type SendOutcome } from "../base/index.ts";
import type { Begun } from "../metrics/index.ts";
import type { Replica } from "../replica/index.ts";
import type { DeltasFrame, Frame } from "./frames.ts";
import { FrontierBudget } from "./frontier-budget.ts";
import {
  BACKOFF_MAX_MS,
  EMPTY_WAIT_MAX_MS,
  FRONTIER_AFTER_MS,
  PULL_BACKLOG_MAX,
  PULL_PAGES_MAX,
  PULL_WANTED_MAX,
} from "./limits.ts";
import type { SyncMeters } from "./meters.ts";
import type { Patience } from "./patience.ts";
import type { PullSlots } from "./pull-slots.ts";
import type { SyncSettings } from "./settings.ts";

type PullFrame = Omit<Extract<Frame, { kind: "pull" }>, "channel">;

export interface PullerPorts {
  readonly replica: Replica;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly settings: SyncSettings;
  readonly slots: PullSlots<Puller>;
  readonly count: (name: string) => void;
  readonly meters: SyncMeters | undefined;
  /** How long what is under way may take. */
  readonly patience: Patience;
  readonly send: (frame: PullFrame) => SendOutcome;
}

export class Puller {
  readonly #ports: PullerPorts;
  readonly #budget = new FrontierBudget();
  /** Found by ranges, and not here yet. */
  #needed: readonly DeltaId[] = [];
  readonly #context: string;
  #pullSinceMs: number | undefined;
  #begun: Begun = 0;
  /** Deltas that the pages of this pull brought so far. */
  #brought = 0;
  #failures = 0;
  /** Answers in a row that brought nothing although the peer named more. */
  #empties = 0;
  #notBeforeMs = Number.NEGATIVE_INFINITY;
  /** A page was put off for want of room. */
  #isDue = false;
  #cancelMissing: Cancel | undefined;

  constructor(ports: PullerPorts) {
    this.#ports = ports;
    this.#context = idKey(ports.replica.context);
  }

  get isPulling(): boolean {
    return this.#pullSinceMs !== undefined;
  }

  reason(): string {
    const now = this.#ports.clock.now();
    if (this.#isDue) return "deltas came faster than they are flushed: the next page waits";
    if (this.isPulling) return "deltas are being pulled";
    if (now < this.#notBeforeMs) {
      const seconds = Math.ceil((this.#notBeforeMs - now) / 1000);
      return this.#failures > 0
        ? `the peer did not answer ${this.#failures} times in a row and is asked again in ${seconds} s`
        : `the peer did not bring what it had named and is asked again in ${seconds} s`;
    }
    return "what the peer named is under way from others, or its turn to be asked has not come";
  }

  close(): void {
    this.#cancelMissing?.();
    this.#ports.slots.release(this);
  }

  /** These are to be asked for by id, first. */
  need(ids: readonly DeltaId[]): void {
    this.#needed = ids;
  }

  /** Asks for all that is not here; `unknown` are heads that a vector cannot tell of. False when it cannot now. */
  pull(unknown: readonly DeltaId[]): boolean {
    const { replica, clock } = this.#ports;
    if (this.isPulling || this.#joining.isHolding) return false;
    const now = clock.now();
    const named = new Map([...this.#missing(now), ...unknown].map((id) => [idKey(id), id]));
    const wanted = [...named.values()].slice(0, PULL_WANTED_MAX);
    return this.#ask({ kind: "pull", wanted, vector: replica.heldVector(), pages: PULL_PAGES_MAX });
  }

  /** Asks for what deltas here wait for, and before it for payloads that are missing. */
  pullMissing(): void {
    if (this.isPulling || this.#joining.isHolding) return;
    const now = this.#ports.clock.now();
    const holes = this.#budget.due(this.#joining.holes(PULL_WANTED_MAX), now);
    const wanted = holes.length > 0 ? holes : this.#missing(now);
    if (wanted.length > 0) this.#ask({ kind: "pull", wanted, vector: undefined, pages: 1 });
  }

  get #joining(): Replica["checkpoints"]["joining"] {
    return this.#ports.replica.checkpoints.joining;
  }

  /** The same, unless it comes by itself within a moment. */
  missingSoon(): void {
    const delayMs = Math.max(FRONTIER_AFTER_MS, this.#ports.patience.ms / 4);
    this.#cancelMissing ??= this.#ports.scheduler.after(delayMs, () => {
      this.#cancelMissing = undefined;
      this.pullMissing();
    });
  }

  onAnswer({ last, more }: DeltasFrame, admitted: number, isUnmet: boolean, unknown: readonly DeltaId[]): void {
    const { slots, clock, replica, meters } = this.#ports;
    if (this.isPulling) meters?.roundTrip.end(this.#begun);
    this.#brought += admitted;
    if (!last) {
      // Pages without end and nothing new in them are no answer.
      if (admitted === 0) return;
      slots.touch(this, clock.now());
      if (this.isPulling) this.#pullSinceMs = clock.now();
      this.#begun = meters?.begin() ?? 0;
      return;
    }
    const brought = this.#brought;
    this.#pullSinceMs = undefined;
    this.#failures = 0;
    // It named what it does not bring: admitted there and not flushed, or not there at all.
    this.#empties = brought > 0 || !isUnmet ? 0 : this.#empties + 1;
    if (this.#empties > 0) this.#notBeforeMs = clock.now() + emptyWaitMs(this.#empties);
    // Asked for again only while it comes.
    if (brought === 0) this.#needed = [];
    const goOn = brought > 0 && (more || isUnmet);
    // What is admitted and not flushed waits in memory: the next page comes once there is room for it.
    this.#isDue = goOn && replica.backlog > PULL_BACKLOG_MAX;
    if (goOn && !this.#isDue && this.pull(unknown)) return;
    if (!this.#isDue) this.pullMissing();
    if (!this.isPulling && !this.#isDue) slots.release(this);
  }

  /** The peer sent something: it is there. How long it is left alone the next time is not forgotten. */
  revive(): void {
    if (this.#failures > 0) this.#notBeforeMs = Number.NEGATIVE_INFINITY;
  }

  /** A commit was flushed: there may be room for the page that was put off. */
  onRoom(unknown: readonly DeltaId[]): void {
    if (!this.#isDue || this.#ports.replica.backlog > PULL_BACKLOG_MAX) return;
    this.#isDue = false;
    if (!this.pull(unknown)) this.#ports.slots.release(this);
  }

  tick(): void {
    const { clock, settings, count, meters, slots } = this.#ports;
    const now = clock.now();
    if (this.#pullSinceMs === undefined || now - this.#pullSinceMs < settings.timeoutMs / 3) return;
    this.#pullSinceMs = undefined;
    this.#failures++;
    this.#notBeforeMs = now + Math.min(BACKOFF_MAX_MS, 1_000 * 2 ** Math.min(this.#failures - 1, 16));
    slots.release(this);
    count("sync.pull_timeouts");
    meters?.roundTrip.fail("PULL_TIMEOUT");
  }

  /** What was found by ranges goes first. */
  #missing(now: number): DeltaId[] {
    const { replica } = this.#ports;
    this.#needed = this.#needed.filter((id) => !replica.holds(idKey(id)));
    const waitedFor = this.#budget.due(replica.missingFrontier(PULL_WANTED_MAX), now);
    const named = new Map([...this.#needed, ...waitedFor].map((id) => [idKey(id), id]));
    return [...named.values()].slice(0, PULL_WANTED_MAX);
  }

  #ask(pull: PullFrame): boolean {
    const { slots, clock, meters, send } = this.#ports;
    const now = clock.now();
    // A clock that was set back does not hold the peer up for longer.
    const waitMaxMs = this.#failures > 0 ? BACKOFF_MAX_MS : EMPTY_WAIT_MAX_MS;
    if (now < this.#notBeforeMs && this.#notBeforeMs - now <= waitMaxMs) return false;
    if (!slots.take(this, this.#context, now)) return false;
    if (send(pull) !== "queued") {
      slots.release(this);
      return false;
    }
    this.#budget.note(pull.wanted, now);
    this.#brought = 0;
    this.#pullSinceMs = now;
    this.#begun = meters?.begin() ?? 0;
    return true;
  }
}

function emptyWaitMs(times: number): number {
  return Math.min(EMPTY_WAIT_MAX_MS, 500 * 2 ** Math.min(times - 1, 16));
}
