/**
 * Virtual time: a queue of tasks by (time, sequence number), and nothing else that could order them.
 *
 * Owns determinism: one task runs at a time, and every promise turn that it started has come to its end before the next
 * one begins, so a run is a function of the tasks alone.
 */
import type { Cancel } from "../base/index.ts";
import { EVENTS_MAX } from "./limits.ts";

/** Turns of whatever runs promises: a port, since core has no loop of its own. */
export interface Turns {
  /** Resolves once no promise turn is left. */
  drained(): Promise<void>;
  /** Resolves after a turn of the event loop itself, in which rejections that nobody handled are heard of. */
  loopTurned(): Promise<void>;
}

interface Event {
  readonly atMs: number;
  readonly sequence: number;
  task: (() => void) | undefined;
}

/** The event loop itself turns this often, so that rejections which nobody handled are heard of. */
const EVENTS_PER_LOOP_TURN = 512;

export class VirtualTime {
  readonly #turns: Turns;
  readonly #heap: Event[] = [];
  #nowMs = 0;
  #sequence = 0;
  #ran = 0;

  constructor(turns: Turns) {
    this.#turns = turns;
  }

  /** Milliseconds since the start. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** Tasks run so far. */
  get ran(): number {
    return this.#ran;
  }

  after(delayMs: number, task: () => void): Cancel {
    return this.at(this.#nowMs + Math.max(0, delayMs), task);
  }

  /** At a moment that is not over; two tasks of one moment run in the order in which they came. */
  at(atMs: number, task: () => void): Cancel {
    const event: Event = { atMs, sequence: this.#sequence++, task };
    this.#push(event);
    return () => {
      event.task = undefined;
    };
  }

  /** Runs what is due up to `deadlineMs`, or until `stopped` says so. */
  async runUntil(deadlineMs: number, stopped: () => boolean): Promise<void> {
    while (!stopped()) {
      const next = this.#heap[0];
      if (!next || next.atMs > deadlineMs) break;
      this.#pop();
      if (!next.task) continue;
      if (++this.#ran > EVENTS_MAX) throw new Error(`more than ${EVENTS_MAX} events: the run does not come to an end`);
      this.#nowMs = next.atMs;
      next.task();
      await (this.#ran % EVENTS_PER_LOOP_TURN === 0 ? this.#turns.loopTurned() : this.#turns.drained());
    }
    if (!stopped()) this.#nowMs = Math.max(this.#nowMs, deadlineMs);
  }

  #push(event: Event): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(event);
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above] as Event;
      if (!isBefore(event, parent)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = event;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop() as Event;
    const { length } = heap;
    if (length === 0) return;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= length) break;
      const right = below + 1;
      if (right < length && isBefore(heap[right] as Event, heap[below] as Event)) below = right;
      const child = heap[below] as Event;
      if (!isBefore(child, last)) break;
      heap[at] = child;
      at = below;
    }
    heap[at] = last;
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.sequence < b.sequence);
}
