import { createMemoryStore } from "@dunlin/store/memory";
import { expect, it } from "vitest";
import type { AlertEvent } from "../metrics/index.ts";
import { Metrics } from "../metrics/index.ts";
import { integer, openDatabase, register, watchMetrics } from "./index.ts";

it("a database tells its registry of every kind of operation, once each, with items and codes", async () => {
  const clock = { nowMs: 0, now: () => clock.nowMs++ };
  const metrics = new Metrics(clock);
  await using database = await openDatabase({ store: createMemoryStore(), metrics });
  const items = database.collection("items", { fields: { n: register(integer()) }, indexes: { n: "n" } });
  await items.insert({ id: "a", n: 1 });
  await items.insertMany([
    { id: "b", n: 2 },
    { id: "c", n: 3 },
  ]);
  await items.update("a", { n: 4 });
  await items.delete("b");
  await items.getMany(["a", "c"]);
  await items.query({ where: { n: 4 } }).toArray();
  await expect(items.insert({ id: "a", n: 1 })).rejects.toThrow();

  const count = (name: string, kind: string): number =>
    metrics.series("counter", name, { kind }).reduce((sum, { instrument }) => sum + instrument.value, 0);
  expect(["insert", "update", "delete", "get", "query", "call"].map((kind) => count("operation.items", kind))).toEqual([
    3, 1, 1, 2, 1, 0,
  ]);
  expect(count("operation.attempts", "insert")).toBe(3);
  expect(metrics.series("counter", "operation.errors").map(({ labels }) => labels)).toEqual([
    { kind: "insert", code: "DOCUMENT_EXISTS" },
  ]);
  expect(metrics.histogram("operation.duration", { kind: "insert", size: "many" }).count).toBe(1);
  expect(metrics.gauge("operation.in_flight").value).toBe(0);
});

it("a database whose operations are slow raises an alert, which ends when they are quick again", async () => {
  const clock = { nowMs: 0, stepMs: 30, now: () => (clock.nowMs += clock.stepMs) };
  const metrics = new Metrics(clock);
  const told: string[] = [];
  let look: () => void = () => {};
  const scheduler = {
    after: (_delayMs: number, task: () => void) => {
      look = task;
      return () => {};
    },
  };
  const onAlert = ({ kind, rule }: AlertEvent): void => void told.push(`${rule.name} ${kind}`);
  using _monitor = watchMetrics(metrics, { onAlert, scheduler, memory: { usedBytes: () => 1_000_000 } });
  await using database = await openDatabase({ store: createMemoryStore(), metrics });
  const items = database.collection("items", { fields: { n: register(integer()) } });
  const work = async (rounds: number): Promise<void> => {
    for (let i = 0; i < rounds; i++) {
      await items.insert({ n: i });
      if (i % 10 === 0) look();
    }
  };
  await work(2_000);
  expect(told).toContain("latency fired");
  clock.stepMs = 0.1;
  // A reading covers between one and two windows of a minute.
  for (let round = 0; round < 3; round++) {
    await work(200);
    clock.nowMs += 70_000;
  }
  await work(200);
  expect(told).toContain("latency resolved");
});
