import { createMemoryStore } from "@dunlin/store/memory";
import { describe, expect, it } from "vitest";
import type { Scheduler } from "../base/index.ts";
import { type AuthenticDelta, decodeDelta } from "../dag/index.ts";
import { GATHERED_DELTAS_MAX } from "./limits.ts";
import { Pace } from "./pace.ts";
import { Replica } from "./replica.ts";
import { Author, testGenesis, testPorts } from "./testing.ts";

const WINDOW_MS = 100;

/** One timer at a time, which is all that a pace sets. */
class Timers implements Scheduler {
  nowMs = 0;
  #timer: { readonly atMs: number; readonly task: () => void } | undefined;

  after(delayMs: number, task: () => void): () => void {
    const timer = { atMs: this.nowMs + delayMs, task };
    expect(this.#timer).toBeUndefined();
    this.#timer = timer;
    return () => {
      if (this.#timer === timer) this.#timer = undefined;
    };
  }

  advance(durationMs: number): void {
    this.nowMs += durationMs;
    const timer = this.#timer;
    if (!timer || timer.atMs > this.nowMs) return;
    this.#timer = undefined;
    timer.task();
  }
}

function openPace() {
  const scheduler = new Timers();
  const clock = { ms: 0, now: () => scheduler.nowMs + clock.ms };
  const pace = new Pace();
  const stop = pace.follow({ clock, scheduler, windowMs: () => WINDOW_MS });
  let commits = 0;
  const commit = () => void commits++;
  return { scheduler, clock, pace, stop, commit, commits: () => commits };
}

describe("the pace of commits", () => {
  it("commits the first at once, and what follows at the end of the window", () => {
    const { scheduler, pace, commit, commits } = openPace();
    expect(pace.gathers(1, commit)).toBe(false);
    pace.begun();
    scheduler.advance(WINDOW_MS / 2);
    expect([pace.gathers(1, commit), pace.gathers(2, commit)]).toEqual([true, true]);
    scheduler.advance(WINDOW_MS / 2 - 1);
    expect(commits()).toBe(0);
    scheduler.advance(1);
    expect(commits()).toBe(1);
    expect(pace.gathers(2, commit)).toBe(false);
  });

  it("gathers no more than so many, forgets its timer when something else is committed, and is not held by a clock", () => {
    const { scheduler, clock, pace, stop, commit, commits } = openPace();
    pace.begun();
    expect(pace.gathers(GATHERED_DELTAS_MAX, commit)).toBe(false);
    expect(pace.gathers(GATHERED_DELTAS_MAX - 1, commit)).toBe(true);
    pace.begun();
    scheduler.advance(10 * WINDOW_MS);
    expect(commits()).toBe(0);
    pace.begun();
    clock.ms -= 3_600_000;
    expect(pace.gathers(1, commit)).toBe(false);
    pace.begun();
    stop();
    expect(pace.gathers(1, commit)).toBe(false);
  });
});

describe("a replica that follows a window", () => {
  async function openReplica() {
    let flushes = 0;
    const store = createMemoryStore({
      flush: async () => {
        flushes++;
      },
    });
    const ports = testPorts(store, 5);
    const founder = ports.crypto.createSigner(ports.random.bytes(32));
    const genesis = testGenesis(founder, 5);
    const opened = await Replica.open(ports, { context: genesis.context, signer: founder, place: "here" });
    if (!opened.ok) throw new Error(opened.error.message);
    const replica = opened.value;
    replica.admit(genesis.bytes);
    await replica.settled();
    const scheduler = new Timers();
    replica.pace.follow({ clock: ports.clock, scheduler, windowMs: () => WINDOW_MS });
    const decoded = decodeDelta(ports.crypto, genesis.context, genesis.bytes);
    if (!decoded.ok) throw new Error(decoded.error.message);
    const first = decoded.value as unknown as AuthenticDelta;
    const author = new Author(genesis.context, founder, 9);
    const write = () => author.write([author.latest ?? first]).bytes;
    const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
    return { replica, scheduler, write, settle, flushes: () => flushes };
  }

  it("commits what others bring within it together, and has applied it before", async () => {
    const { replica, scheduler, write, settle, flushes } = await openReplica();
    replica.admit(write());
    await settle();
    const before = flushes();
    for (let i = 0; i < 5; i++) {
      replica.admit(write());
      await settle();
    }
    expect([flushes() - before, replica.flushed.count, replica.graph.size]).toEqual([0, 2, 7]);
    scheduler.advance(WINDOW_MS);
    await settle();
    expect([flushes() - before, replica.flushed.count]).toEqual([1, 7]);
  });

  it("lets neither a call nor whoever asks for everything to be settled wait for it", async () => {
    const { replica, write, settle } = await openReplica();
    replica.admit(write());
    await settle();
    replica.admit(write());
    const receipt = await replica.call((transaction) => {
      transaction.field("map", "m").set("k", 1);
      return { ok: true, value: null, events: [] };
    });
    expect([receipt.ok, replica.flushed.count]).toEqual([true, 4]);
    replica.admit(write());
    await replica.settled();
    expect(replica.flushed.count).toBe(5);
  });
});
