import { createMemoryStore } from "@dunlin/store/memory";
import { expect, it } from "vitest";
import { must } from "../../base/index.ts";
import { exchangeAll, give, type Member, openMembers, rootsOf, write } from "./testing.ts";

it("goes over to a checkpoint while deltas that came after it wait for their commit", async () => {
  const [a, b] = (await openMembers([createMemoryStore(), createMemoryStore()])) as [Member, Member];
  const keys = Array.from({ length: 50 }, (_, i) => `key-${i}`);
  await write(a, (tx) => {
    for (const key of keys) tx.field("map", "m").set(key, key);
  });
  await write(a, (tx) => {
    for (const key of keys) tx.field("map", "m").delete(key);
  });
  await exchangeAll([a, b]);
  await a.replica.checkpoints.compact();
  await give(a, b);
  await b.replica.checkpoints.settled();
  await write(b, (tx) => tx.field("map", "m").set("later", 1));

  const { deltas } = b.replica.missingFrom(a.replica.vector(), 1e9);
  expect(deltas).toHaveLength(2);
  const scheduler = { after: () => () => {} };
  a.replica.pace.follow({ clock: { now: () => 0 }, scheduler, windowMs: () => 100 });
  const stop = a.replica.onCommit(() => {
    stop();
    a.replica.admit(must(deltas[1], "what came after the signature"));
    expect(a.replica.backlog).toBe(1);
  });
  a.replica.admit(must(deltas[0], "a signature that makes the checkpoint count"));
  await new Promise((resolve) => setImmediate(resolve));
  await a.replica.checkpoints.settled();
  expect(a.replica.checkpoints.isSettled).toBe(true);
  await exchangeAll([a, b]);
  const [ours, theirs] = rootsOf([a, b]);
  expect(ours).toBe(theirs);
});

it("signs a checkpoint whose deltas waited for their commit when it was heard of", async () => {
  const [a, b] = (await openMembers([createMemoryStore(), createMemoryStore()])) as [Member, Member];
  await exchangeAll([a, b]);
  for (const key of ["x", "y"]) await write(a, (tx) => tx.field("map", "m").set(key, 1));
  await a.replica.checkpoints.compact();
  const [first, ...others] = a.replica.missingFrom(b.replica.vector(), 1e9).deltas;
  const scheduler = { after: () => () => {} };
  b.replica.pace.follow({ clock: { now: () => 0 }, scheduler, windowMs: () => 100 });
  const stop = b.replica.onCommit(() => {
    stop();
    for (const delta of others) b.replica.admit(delta);
    expect(b.replica.backlog).toBe(2);
  });
  b.replica.admit(must(first, "a write"));
  await new Promise((resolve) => setImmediate(resolve));
  await b.replica.settled();
  await b.replica.checkpoints.settled();
  await give(b, a);
  await a.replica.checkpoints.settled();
  expect(a.replica.checkpoints.applied).toBeDefined();
});
