import { expect, it } from "vitest";
import { type Scheduler, silentLog } from "../base/index.ts";
import type { AlertRule } from "./alert-rules.ts";
import { Alerts } from "./alerts.ts";
import { MemoryMeter } from "./memory.ts";
import { Monitor } from "./monitor.ts";
import { Metrics } from "./registry.ts";

it("samples and looks in its rhythm, and stops when it is disposed of", () => {
  const clock = { nowMs: 0, now: () => clock.nowMs };
  const due: { readonly atMs: number; readonly task: () => void; isCancelled: boolean }[] = [];
  const scheduler: Scheduler = {
    after: (delayMs, task) => {
      const entry = { atMs: clock.nowMs + delayMs, task, isCancelled: false };
      due.push(entry);
      return () => {
        entry.isCancelled = true;
      };
    },
  };
  const runUntil = (untilMs: number): void => {
    for (let next = due.shift(); next !== undefined; next = due.shift()) {
      if (next.atMs > untilMs) return void due.unshift(next);
      clock.nowMs = next.atMs;
      if (!next.isCancelled) next.task();
    }
  };
  const metrics = new Metrics(clock);
  let usedBytes = 100;
  const told: string[] = [];
  const rule: AlertRule = {
    name: "memory",
    severity: "warning",
    about: "more than a kilobyte",
    measure: { kind: "level", metric: "memory.used" },
    comparison: "above",
    threshold: 1_000,
    windowMs: 1_000,
    forMs: 2_000,
    cooldownMs: 0,
    samplesMin: 0,
  };
  const monitor = new Monitor({
    memory: new MemoryMeter(metrics, { usedBytes: () => usedBytes }),
    alerts: new Alerts({
      metrics,
      rules: [rule],
      sink: { onAlert: ({ kind }) => told.push(`${kind} at ${clock.nowMs}`) },
      log: silentLog,
    }),
    scheduler,
  });
  runUntil(1_000);
  usedBytes = 5_000;
  runUntil(4_000);
  usedBytes = 300;
  runUntil(5_000);
  expect(told).toEqual(["fired at 4000", "resolved at 5000"]);
  expect(metrics.gauge("memory.peak", {}, "bytes").value).toBe(5_000);
  monitor[Symbol.dispose]();
  usedBytes = 9_000;
  runUntil(60_000);
  expect(metrics.gauge("memory.used", {}, "bytes").value).toBe(300);
});
