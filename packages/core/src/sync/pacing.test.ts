import { describe, expect, it } from "vitest";
import type { DeltaId } from "../base/index.ts";
import type { Replica } from "../replica/index.ts";
import { BatchWindow } from "./batch-window.ts";
import { FrontierBudget } from "./frontier-budget.ts";
import {
  BACKOFF_MAX_MS,
  BATCH_BYTES_SOFT,
  BATCH_WINDOW_MAX_MS,
  BATCH_WINDOW_MIN_MS,
  FRONTIER_ASKED_MAX,
  PATIENCE_MAX_MS,
  PATIENCE_MIN_MS,
  PULL_PATIENCE_MS,
} from "./limits.ts";
import { Patience } from "./patience.ts";
import { PullSlots } from "./pull-slots.ts";
import { Puller } from "./puller.ts";
import { DEFAULT_SYNC_SETTINGS } from "./settings.ts";
import { VirtualScheduler } from "./testing.ts";

function openWindow(lateMs = 0) {
  const scheduler = new VirtualScheduler();
  const late = { ms: lateMs };
  const flushedAt: number[] = [];
  const window = new BatchWindow({
    // A busy node comes to its timers late.
    scheduler: { after: (delayMs, task) => scheduler.after(delayMs + late.ms, task) },
    clock: { now: () => scheduler.nowMs },
    leastMs: () => BATCH_WINDOW_MIN_MS,
    flush: () => void flushedAt.push(scheduler.nowMs),
  });
  return { window, scheduler, flushedAt, late };
}

describe("a window", () => {
  it("sends the first at once and gathers the rest to its end", () => {
    const { window, scheduler, flushedAt } = openWindow();
    window.add(10);
    for (let i = 0; i < 5; i++) window.add(10);
    scheduler.advance(100);
    window.add(10);
    expect(flushedAt).toEqual([0, BATCH_WINDOW_MIN_MS, 100]);
  });

  it("does not wait with much", () => {
    const { window, flushedAt } = openWindow();
    window.add(1);
    window.add(BATCH_BYTES_SOFT - 1);
    expect(flushedAt).toHaveLength(1);
    window.add(1);
    expect(flushedAt).toHaveLength(2);
  });

  it("grows while the node is late, up to a limit, and shrinks when it is not", () => {
    const { window, scheduler, late } = openWindow(1_000);
    for (let i = 0; i < 10; i++) {
      window.add(1);
      window.add(1);
      scheduler.advance(2_000);
    }
    expect(window.windowMs).toBe(BATCH_WINDOW_MAX_MS);
    late.ms = 0;
    for (let i = 0; i < 40; i++) {
      window.add(1);
      scheduler.advance(1_000);
    }
    expect(window.windowMs).toBe(BATCH_WINDOW_MIN_MS);
  });

  it("sends nothing after it was stopped", () => {
    const { window, scheduler, flushedAt } = openWindow();
    window.add(1);
    window.add(1);
    window.stop();
    scheduler.advance(1_000);
    expect(flushedAt).toEqual([0]);
  });
});

describe("patience", () => {
  it("is as long as what is announced takes to come, within limits", () => {
    const patience = new Patience();
    expect(patience.ms).toBe(PATIENCE_MIN_MS);
    patience.note(2_000);
    expect(patience.ms).toBe(4_000);
    patience.note(1e9);
    expect(patience.ms).toBe(PATIENCE_MAX_MS);
    for (let i = 0; i < 200; i++) patience.note(1);
    expect(patience.ms).toBe(PATIENCE_MIN_MS);
  });
});

describe("slots", () => {
  it("let one session of a context pull while it brings pages, and so many in all", () => {
    const slots = new PullSlots<object>(() => 2);
    const [a, b, c, d] = [{}, {}, {}, {}];
    expect(slots.take(a, "x", 0)).toBe(true);
    expect(slots.take(b, "x", PULL_PATIENCE_MS - 1)).toBe(false);
    slots.touch(a, PULL_PATIENCE_MS - 1);
    expect(slots.take(b, "x", PULL_PATIENCE_MS)).toBe(false);
    expect(slots.take(b, "x", 3 * PULL_PATIENCE_MS)).toBe(true);
    expect(slots.take(c, "y", 3 * PULL_PATIENCE_MS)).toBe(false);
    slots.release(a);
    expect(slots.take(c, "y", 3 * PULL_PATIENCE_MS)).toBe(true);
    expect(slots.take(c, "y", 3 * PULL_PATIENCE_MS)).toBe(true);
    expect(slots.take(d, "z", 3 * PULL_PATIENCE_MS)).toBe(false);
  });
});

describe("a pull", () => {
  it("that is answered by pages without end and nothing new in them does not hold up the others", () => {
    const clock = { nowMs: 0, now: () => clock.nowMs };
    const slots = new PullSlots<Puller>(() => 8);
    const replica = {
      checkpoints: { joining: { isHolding: false, holes: () => [] } },
      context: new Uint8Array(32),
      backlog: 0,
      heldVector: () => new Map(),
      missingFrontier: () => [],
    } as unknown as Replica;
    const open = () =>
      new Puller({
        replica,
        clock,
        scheduler: new VirtualScheduler(),
        settings: DEFAULT_SYNC_SETTINGS,
        slots,
        count: () => {},
        meters: undefined,
        patience: new Patience(),
        send: () => "queued",
      });
    const [slow, other] = [open(), open()];
    expect(slow.pull([])).toBe(true);
    const page = { kind: "deltas", channel: 0, answer: true, more: true, last: false, deltas: [] } as const;
    for (; clock.nowMs < PULL_PATIENCE_MS; clock.nowMs += 100) slow.onAnswer(page, 1, true, []);
    expect(other.pull([])).toBe(false);
    for (; clock.nowMs < 3 * PULL_PATIENCE_MS; clock.nowMs += 100) slow.onAnswer(page, 0, true, []);
    expect(other.pull([])).toBe(true);
    clock.nowMs += DEFAULT_SYNC_SETTINGS.timeoutMs;
    slow.tick();
    expect(slow.isPulling).toBe(false);
    expect(slow.reason()).toMatch(/did not answer 1 times/);
  });
});

describe("an answer of several pages", () => {
  it("has brought what any of its pages brought", () => {
    const asked: unknown[] = [];
    const puller = new Puller({
      replica: {
        checkpoints: { joining: { isHolding: false, holes: () => [] } },
        context: new Uint8Array(32),
        backlog: 0,
        heldVector: () => new Map(),
        missingFrontier: () => [],
      } as unknown as Replica,
      clock: { now: () => 0 },
      scheduler: new VirtualScheduler(),
      settings: DEFAULT_SYNC_SETTINGS,
      slots: new PullSlots<Puller>(() => 8),
      count: () => {},
      meters: undefined,
      patience: new Patience(),
      send: (frame) => {
        asked.push(frame);
        return "queued";
      },
    });
    expect(puller.pull([])).toBe(true);
    const page = { kind: "deltas", channel: 0, answer: true, more: false, deltas: [] } as const;
    puller.onAnswer({ ...page, last: false }, 1, true, []);
    puller.onAnswer({ ...page, last: true }, 0, true, []);
    expect(asked).toHaveLength(2);
    puller.onAnswer({ ...page, last: true }, 0, true, []);
    expect(asked).toHaveLength(2);
  });
});

describe("the budget of one peer", () => {
  const id = (number: number): DeltaId => {
    const bytes = new Uint8Array(32);
    new DataView(bytes.buffer).setUint32(0, number);
    return bytes as DeltaId;
  };

  it("lets the same id be asked for later and later", () => {
    const budget = new FrontierBudget();
    let [now, asked] = [0, 0];
    for (; now < 4 * BACKOFF_MAX_MS; now += 1_000) {
      const due = budget.due([id(1)], now);
      if (due.length === 0) continue;
      budget.note(due, now);
      asked++;
    }
    expect(asked).toBeGreaterThan(6);
    expect(asked).toBeLessThan(14);
    expect(budget.due([id(1), id(2)], now - 1_000)).toEqual([id(2)]);
  });

  it("remembers so many, and forgets the one asked for longest ago", () => {
    const budget = new FrontierBudget();
    for (let number = 0; number <= FRONTIER_ASKED_MAX; number++) budget.note([id(number)], 0);
    expect(budget.due([id(0), id(1)], 0)).toEqual([id(0)]);
  });
});
