/** Each default rule is shown to fire and to resolve, through a real replica whose store or writer is made to fail. */
import { createMemoryStore } from "@dunlin/store/memory";
import { describe, expect, it } from "vitest";
import { type KeyValueStore, StoreFailure, silentLog } from "../base/index.ts";
import { Replica } from "../replica/index.ts";
import { testGenesis, testPorts } from "../replica/testing.ts";
import { DEFAULT_RULES } from "./alert-rules.ts";
import { Alerts } from "./alerts.ts";
import { MemoryMeter } from "./memory.ts";
import { toPrometheusText } from "./prometheus.ts";
import { Metrics } from "./registry.ts";

const MINUTE_MS = 60_000;

/** A replica over a memory store whose flush takes as long as `faults` says, by a clock that only it moves. */
async function openBench({ items = 0, rules = DEFAULT_RULES } = {}) {
  const clock = { nowMs: 0, now: () => clock.nowMs };
  const faults = { flushMs: 1, isFull: false };
  const metrics = new Metrics(clock);
  const inner = createMemoryStore();
  let bytes = 0;
  const store: KeyValueStore = {
    get: (key) => inner.get(key),
    range: (range) => inner.range(range),
    load: (miss) => inner.load(miss),
    get version() {
      return inner.version;
    },
    commit: async (batch) => {
      for (const operation of batch) if (operation.kind === "put") bytes += operation.value.length;
      clock.nowMs += faults.flushMs;
      if (faults.isFull) throw new StoreFailure("STORE_WRITE_FAILED", "no space is left");
      await inner.commit(batch);
    },
    [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
  };
  const ports = { ...testPorts(store, 1), metrics };
  const signer = ports.crypto.createSigner(new Uint8Array(32).fill(1));
  const genesis = testGenesis(signer, 1);
  const open = async () => {
    const opened = await Replica.open(ports, { context: genesis.context, signer, place: "here" });
    if (!opened.ok) throw new Error(opened.error.message);
    return opened.value;
  };
  let replica = await open();
  replica.admit(genesis.bytes);
  await replica.settled();

  const alerts = new Alerts({ metrics, rules, sink: { onAlert: () => {} }, log: silentLog });
  const memory = new MemoryMeter(metrics, { usedBytes: () => bytes });
  metrics.gauge("state.items").set(items);
  const told = (): string[] => alerts.history.map(({ kind, rule }) => `${rule.name} ${kind}`);
  const write = (count: number, value: string) =>
    replica.call((transaction) => {
      const map = transaction.field("map", "entries");
      for (let i = 0; i < count; i++) map.set(`key-${i}`, value);
      return { ok: true, value: null, events: [] };
    });
  const look = (): void => {
    memory.sample();
    alerts.evaluate();
  };
  return {
    clock,
    faults,
    metrics,
    alerts,
    told,
    write,
    look,
    reopen: async () => {
      replica = await open();
    },
    /** Writes for so long, `callers` at a time with a rest between, and looks now and then. */
    run: async (durationMs: number, restMs: number, callers = 1) => {
      const end = clock.nowMs + durationMs;
      for (let nextLook = clock.nowMs; clock.nowMs < end; ) {
        await Promise.all(Array.from({ length: callers }, () => write(1, "x")));
        clock.nowMs += restMs;
        if (clock.nowMs < nextLook) continue;
        look();
        nextLook = clock.nowMs + durationMs / 20;
      }
    },
  };
}

describe("the default rules", () => {
  it("tell of slow operations when the store is slow, and that it is well again", async () => {
    const { run, faults, alerts, told, metrics } = await openBench();
    await run(2 * MINUTE_MS, 100);
    expect(told()).toEqual([]);
    faults.flushMs = 20;
    await run(2 * MINUTE_MS, 100);
    expect(told()).toEqual(["slow_operations fired", "latency fired"]);
    expect(alerts.history.find(({ rule }) => rule.name === "latency")).toMatchObject({ labels: { kind: "call" } });
    expect(metrics.counter("operation.slow", { kind: "call" }).value).toBeGreaterThan(100);
    faults.flushMs = 1;
    await run(4 * MINUTE_MS, 100);
    expect(told().slice(2).sort()).toEqual(["latency resolved", "slow_operations resolved"]);
    expect(alerts.firing).toEqual([]);
  });

  it("tell of errors when the store fails, and that it works again", async () => {
    const { run, faults, write, look, told, clock, reopen, metrics } = await openBench();
    await run(MINUTE_MS, 100);
    faults.isFull = true;
    for (let i = 0; i < 20; i++) expect((await write(1, "y")).ok).toBe(false);
    look();
    expect(told()).toEqual(["errors fired"]);
    const codes = metrics.series("counter", "operation.errors").map(({ labels }) => labels["code"]);
    expect(codes).toEqual(["STORE_WRITE_FAILED"]);
    const stages = metrics.series("counter", "stage.errors").map(({ labels }) => labels["code"]);
    expect(stages).toEqual(["STORE_WRITE_FAILED"]);
    faults.isFull = false;
    await reopen();
    clock.nowMs += MINUTE_MS;
    await run(3 * MINUTE_MS, 100);
    expect(told()).toEqual(["errors fired", "errors resolved"]);
  });

  it("say nothing of a few errors among few operations", async () => {
    const { faults, write, look, told } = await openBench();
    faults.isFull = true;
    for (let i = 0; i < 99; i++) await write(1, "y");
    look();
    expect(told()).toEqual([]);
  });

  it("tell of items that take too much memory, and that there are enough small ones again", async () => {
    const { metrics, write, look, told, clock } = await openBench();
    await write(1000, "small");
    metrics.gauge("state.items").set(1000);
    look();
    expect(metrics.gauge("memory.per_item", {}, "bytes").value).toBeLessThan(1000);
    // One item of half a megabyte, written again and again, is kept in the log each time.
    for (let i = 0; i < 120; i++) expect((await write(1, "x".repeat(500_000) + i)).ok).toBe(true);
    look();
    clock.nowMs += 40_000;
    look();
    expect(told()).toEqual(["memory fired"]);
    expect(metrics.gauge("memory.peak", {}, "bytes").value).toBeGreaterThan(100_000_000);
    metrics.gauge("state.items").set(100_000);
    look();
    expect(told()).toEqual(["memory fired", "memory resolved"]);
  });

  it("tell of a throttled writer, but not of one that rests, nor of a small state", async () => {
    // A minute of this work would take a minute: the rule's own times are made shorter.
    const rules = DEFAULT_RULES.filter(({ name }) => name === "throughput").map((rule) => ({
      ...rule,
      windowMs: 1000,
      forMs: 500,
    }));
    const small = await openBench({ items: 9_999, rules });
    small.faults.flushMs = 5;
    await small.run(4000, 0);
    expect(small.told()).toEqual([]);

    const resting = await openBench({ items: 10_000, rules });
    resting.faults.flushMs = 5;
    await resting.run(4000, 6);
    expect(resting.told()).toEqual([]);

    const { faults, run, told, alerts } = await openBench({ items: 10_000, rules });
    faults.flushMs = 5;
    await run(4000, 0);
    expect(told()).toEqual(["throughput fired"]);
    expect(alerts.history[0]?.value).toBeCloseTo(200, 0);
    await run(4000, 0, 10);
    expect(told()).toEqual(["throughput fired", "throughput resolved"]);
  });

  it("are seen by a scraper with what they look at", async () => {
    const { write, metrics } = await openBench();
    await write(10, "x");
    const text = toPrometheusText(metrics.snapshot(), "dunlin");
    expect(text).toContain('dunlin_operation_items_total{kind="call"} 1\n');
    expect(text).toContain('dunlin_operation_duration_seconds{kind="call",size="one",quantile="0.99"} 0.001\n');
    expect(text).toContain('dunlin_stage_duration_seconds_count{kind="store_commit"} 2\n');
    expect(text).toContain('dunlin_stage_duration_seconds_count{kind="encode"} 1\n');
  });
});
