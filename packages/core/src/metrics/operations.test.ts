import { describe, expect, it } from "vitest";
import { SLOW_OPERATION_MS } from "./limits.ts";
import { MemoryMeter } from "./memory.ts";
import { OperationMeter, StageMeter } from "./operations.ts";
import { Metrics } from "./registry.ts";

function create() {
  const clock = { nowMs: 0, now: () => clock.nowMs };
  return { clock, metrics: new Metrics(clock) };
}

describe("the meter of an operation", () => {
  it("times single and bulk operations apart, and counts items, errors by code, retries and slow ones", () => {
    const { clock, metrics } = create();
    const meter = new OperationMeter(metrics, "insert");
    for (const tookMs of [1, SLOW_OPERATION_MS, SLOW_OPERATION_MS + 1]) {
      const begun = meter.begin();
      clock.nowMs += tookMs;
      meter.end(begun);
    }
    const bulk = meter.begin();
    clock.nowMs += 100;
    meter.end(bulk, 1000);
    meter.fail(meter.begin(), "RECORD_EXISTS");
    meter.retry();

    const one = metrics.histogram("operation.duration", { kind: "insert", size: "one" });
    const many = metrics.histogram("operation.duration", { kind: "insert", size: "many" });
    expect([one.count, many.count, many.max]).toEqual([3, 1, 100]);
    const count = (name: string, labels = {}): number => metrics.counter(name, { kind: "insert", ...labels }).value;
    expect(count("operation.items")).toBe(1003);
    expect(count("operation.attempts")).toBe(5);
    expect(count("operation.slow")).toBe(1);
    expect(count("operation.errors", { code: "RECORD_EXISTS" })).toBe(1);
    expect(count("operation.retries")).toBe(1);
  });

  it("is busy while any operation of any kind is in flight, and counts that time once", () => {
    const { clock, metrics } = create();
    const [get, query] = [new OperationMeter(metrics, "get"), new OperationMeter(metrics, "query")];
    const [first, second] = [get.begin(), query.begin()];
    expect(metrics.gauge("operation.in_flight").value).toBe(2);
    clock.nowMs = 10;
    get.end(first);
    clock.nowMs = 15;
    query.fail(second, "X");
    clock.nowMs = 500;
    const third = get.begin();
    clock.nowMs = 501;
    get.end(third);
    expect(metrics.gauge("operation.in_flight").value).toBe(0);
    expect(metrics.counter("operation.busy", {}, "milliseconds").value).toBe(16);
  });

  it("times stages apart from operations", () => {
    const { clock, metrics } = create();
    const stage = new StageMeter(metrics, "encode");
    const begun = stage.begin();
    clock.nowMs = 3;
    stage.end(begun);
    stage.fail("STORE_WRITE_FAILED");
    expect(metrics.histogram("stage.duration", { kind: "encode" }).sum).toBe(3);
    expect(metrics.counter("stage.errors", { kind: "encode", code: "STORE_WRITE_FAILED" }).value).toBe(1);
    expect(metrics.series("counter", "operation.attempts")).toEqual([]);
  });
});

describe("the meter of memory", () => {
  it("knows used, peak, average and what an item takes", () => {
    const { metrics } = create();
    let bytes: number | undefined = 1000;
    const meter = new MemoryMeter(metrics, { usedBytes: () => bytes });
    const gauge = (name: string): number => metrics.gauge(name, {}, "bytes").value;
    meter.sample();
    expect(gauge("memory.per_item")).toBe(0);
    metrics.gauge("state.items").set(10);
    bytes = 5000;
    meter.sample();
    expect(gauge("memory.per_item")).toBe(500);
    bytes = undefined;
    meter.sample();
    bytes = 3000;
    meter.sample();
    expect([gauge("memory.used"), gauge("memory.peak"), gauge("memory.average")]).toEqual([3000, 5000, 3000]);
  });
});
