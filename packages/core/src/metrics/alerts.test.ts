import { describe, expect, it } from "vitest";
import { AssertionError, silentLog } from "../base/index.ts";
import type { AlertRule } from "./alert-rules.ts";
import { type AlertEvent, Alerts } from "./alerts.ts";
import { ALERT_HISTORY_MAX, ALERT_RULES_MAX } from "./limits.ts";
import { Metrics } from "./registry.ts";

const RULE: AlertRule = {
  name: "level",
  severity: "warning",
  about: "too much",
  measure: { kind: "level", metric: "tank" },
  windowMs: 1000,
  comparison: "above",
  threshold: 5,
  samplesMin: 1,
  forMs: 100,
  cooldownMs: 1000,
};

function watch(rules: readonly AlertRule[], prepare?: (metrics: Metrics) => void) {
  const clock = { nowMs: 0, now: () => clock.nowMs };
  const metrics = new Metrics(clock);
  prepare?.(metrics);
  const told: AlertEvent[] = [];
  const alerts = new Alerts({ metrics, rules, sink: { onAlert: (event) => told.push(event) }, log: silentLog });
  const at = (nowMs: number): string => {
    clock.nowMs = nowMs;
    const before = told.length;
    alerts.evaluate();
    return told
      .slice(before)
      .map(({ kind, labels }) => [kind, ...Object.values(labels)].join(" "))
      .join();
  };
  return { clock, metrics, alerts, told, at };
}

describe("an alert", () => {
  it("fires after its time, once, and resolves when the condition is gone", () => {
    const { metrics, alerts, told, at } = watch([RULE]);
    const tank = metrics.gauge("tank");
    tank.set(6);
    expect([at(0), at(50), at(99)]).toEqual(["", "", ""]);
    expect(at(100)).toBe("fired");
    expect(alerts.firing).toMatchObject([{ rule: { name: "level" } }]);
    expect([at(200), at(5000)]).toEqual(["", ""]);
    tank.set(5);
    expect(at(5001)).toBe("resolved");
    expect(alerts.firing).toEqual([]);
    expect(told).toEqual(alerts.history);
    expect(told.map(({ value, atMs }) => [value, atMs])).toEqual([
      [6, 100],
      [5, 5001],
    ]);
    expect(metrics.counter("alerts.told", { rule: "level", kind: "fired" }).value).toBe(1);
  });

  it("starts its time anew when the condition breaks", () => {
    const { metrics, at } = watch([RULE]);
    const tank = metrics.gauge("tank");
    tank.set(6);
    at(0);
    tank.set(1);
    at(90);
    tank.set(6);
    expect([at(110), at(200)]).toEqual(["", ""]);
    expect(at(210)).toBe("fired");
  });

  it("is silent until the cooldown is over, then fires at once if the condition has held", () => {
    const { metrics, at } = watch([RULE]);
    const tank = metrics.gauge("tank");
    tank.set(6);
    expect([at(0), at(100)]).toEqual(["", "fired"]);
    tank.set(1);
    expect(at(200)).toBe("resolved");
    tank.set(6);
    expect([at(300), at(500), at(1199)]).toEqual(["", "", ""]);
    expect(at(1200)).toBe("fired");
  });

  it("has a state for each series", () => {
    const { metrics, at } = watch([{ ...RULE, forMs: 0 }]);
    metrics.gauge("tank", { side: "left" }).set(6);
    metrics.gauge("tank", { side: "right" }).set(1);
    expect(at(0)).toBe("fired left");
    metrics.gauge("tank", { side: "right" }).set(6);
    expect(at(1)).toBe("fired right");
    metrics.gauge("tank", { side: "left" }).set(1);
    expect(at(2)).toBe("resolved left");
  });

  it("sleeps until its gauge is high enough", () => {
    const { metrics, at } = watch([{ ...RULE, forMs: 0, when: { gauge: "items", atLeast: 10 } }]);
    metrics.gauge("tank").set(6);
    metrics.gauge("items").set(9);
    expect(at(0)).toBe("");
    metrics.gauge("items").set(10);
    expect(at(1)).toBe("fired");
    metrics.gauge("items").set(9);
    expect(at(2)).toBe("resolved");
  });

  it("takes a reading of too few samples for none", () => {
    const share: AlertRule = {
      ...RULE,
      measure: { kind: "share", metric: "bad", of: "all" },
      threshold: 0.01,
      samplesMin: 100,
      forMs: 0,
    };
    const { metrics, at } = watch([share]);
    const [bad, all] = [metrics.counter("bad"), metrics.counter("all")];
    bad.add(50);
    all.add(99);
    expect(at(1)).toBe("");
    all.add(1);
    expect(at(2)).toBe("fired");
    // Two windows later nothing of it is seen any more.
    expect([at(1100), at(2200)]).toEqual(["", "resolved"]);
  });

  it("looks at what came within the window, and not at the time before it began", () => {
    const rule: AlertRule = {
      ...RULE,
      measure: { kind: "quantile", metric: "took", labels: {}, quantile: 0.99 },
      forMs: 0,
    };
    const old = (metrics: Metrics): void => {
      for (let i = 0; i < 100; i++) metrics.histogram("took").record(50);
    };
    const { metrics, at } = watch([rule], old);
    metrics.histogram("took").record(1);
    expect(at(10)).toBe("");
    metrics.histogram("took", { late: "yes" }).record(50);
    expect(at(20)).toBe("fired yes");
  });

  it("survives a sink that throws, and tells the log", () => {
    const metrics = new Metrics({ now: () => 0 });
    const logged: string[] = [];
    const sink = {
      onAlert: () => {
        throw new Error("no pager");
      },
    };
    const log = { log: (_level: string, event: string) => logged.push(event) };
    const alerts = new Alerts({ metrics, rules: [{ ...RULE, forMs: 0 }], sink, log });
    metrics.gauge("tank").set(6);
    alerts.evaluate();
    expect(alerts.history).toHaveLength(1);
    expect(logged).toEqual(["alerts.sink_failed"]);
  });

  it("keeps a bounded history", () => {
    const { metrics, alerts, at } = watch([{ ...RULE, forMs: 0, cooldownMs: 0 }]);
    for (let i = 0; i < ALERT_HISTORY_MAX + 10; i++) {
      metrics.gauge("tank").set(i % 2 === 0 ? 6 : 1);
      at(i);
    }
    expect(alerts.history).toHaveLength(ALERT_HISTORY_MAX);
    expect(alerts.history.at(-1)?.atMs).toBe(ALERT_HISTORY_MAX + 9);
  });

  it("asserts that rules are few and have names of their own", () => {
    expect(() => watch([RULE, RULE])).toThrow(AssertionError);
    const many = Array.from({ length: ALERT_RULES_MAX + 1 }, (_, i) => ({ ...RULE, name: `${i}` }));
    expect(() => watch(many)).toThrow(AssertionError);
  });
});
