/** A cell that is not what the deltas make, behind the back of whatever guards rows, and how it becomes so again. */
import { createMemoryStore } from "@dunlin/store/memory";
import { describe, expect, it } from "vitest";
import { must } from "../../base/index.ts";
import { MEND_SPACING_MAX_MS, MEND_SPACING_MS } from "./limits.ts";
import { exchangeAll, type Member, openMembers, rootsOf, rowsOf, write } from "./testing.ts";

async function pair(isCompacted: boolean): Promise<[Member, Member]> {
  const [a, b] = (await openMembers([createMemoryStore(), createMemoryStore()])) as [Member, Member];
  for (let i = 0; i < 30; i++) await write(a, (tx) => tx.field("map", "m").set(`k${i}`, `value ${i}`));
  await write(a, (tx) => tx.field("map", "m").delete("k3"));
  await exchangeAll([a, b]);
  if (isCompacted) {
    await a.replica.checkpoints.compact();
    await exchangeAll([a, b]);
    expect(b.replica.checkpoints.applied).toBeDefined();
    await write(a, (tx) => tx.field("map", "m").set("k4", "later"));
    await exchangeAll([a, b]);
  }
  return [a, b];
}

/** Flips a bit of this text in a stored row, while the context is closed. */
async function flip(member: Member, table: "c" | "b" | "d", text: string): Promise<void> {
  await member.replica.close();
  const rows = rowsOf(member, table).map(([key, value]) => [key.slice(), value.slice()] as const);
  const [key, value] = must(
    rows.find(([, bytes]) => Buffer.from(bytes).includes(text)),
    "a row with the text",
  );
  const at = Buffer.from(value).indexOf(text);
  value[at] = must(value[at], "it is in there") ^ 1;
  await member.store.commit([{ kind: "put", key, value }]);
  await member.open();
}

describe.each([false, true])("a damaged cell (after a checkpoint: %s)", (isCompacted) => {
  it("is derived anew, and stays so when the context is opened again", async () => {
    const [a, b] = await pair(isCompacted);
    const [good] = rootsOf([a]);
    await flip(b, "c", "value 7");
    expect(rootsOf([b])).not.toEqual([good]);
    expect(await b.replica.checkpoints.mending.ask()).toBe("mended");
    expect(b.replica.checkpoints.mending.verdict).toMatch(/1 cells of it changed/);
    expect(rootsOf([b])).toEqual([good]);
    expect(rowsOf(b, "c")).toEqual(rowsOf(a, "c"));
    await b.replica.close();
    await b.open();
    expect(rootsOf([b])).toEqual([good]);
    await write(b, (tx) => tx.field("map", "m").set("k9", "after"));
    await exchangeAll([a, b]);
    expect(rootsOf([b])).toEqual(rootsOf([a]));
  });

  it("that is one too many or one too few too", async () => {
    const [a, b] = await pair(isCompacted);
    await b.replica.close();
    const [first, second] = rowsOf(b, "c").map(([key, value]) => [key.slice(), value.slice()] as const);
    const { store } = b;
    const [key] = must(first, "a cell");
    const [other, value] = must(second, "a cell");
    const surplus = other.slice();
    surplus[surplus.length - 1] = must(surplus.at(-1), "a key") ^ 1;
    await store.commit([
      { kind: "delete", key },
      { kind: "put", key: surplus, value },
    ]);
    await b.open();
    expect(await b.replica.checkpoints.mending.ask()).toBe("mended");
    expect(rowsOf(b, "c")).toEqual(rowsOf(a, "c"));
  });
});

it("says that nothing was wrong here, and waits longer each time before it looks again", async () => {
  const [a] = await pair(false);
  const [before] = rootsOf([a]);
  const { mending } = a.replica.checkpoints;
  const spans: number[] = [];
  for (let i = 0; i < 20; i++) {
    const asked = a.ports.nowMs;
    expect(await mending.ask()).toBe("unchanged");
    while (i < 19 && !mending.isDue) a.ports.nowMs += MEND_SPACING_MS;
    spans.push(a.ports.nowMs - asked);
  }
  expect(spans.slice(0, 3)).toEqual([2 * MEND_SPACING_MS, 4 * MEND_SPACING_MS, 8 * MEND_SPACING_MS]);
  expect(spans.at(-2)).toBe(MEND_SPACING_MAX_MS);
  expect(mending.ask()).toBeUndefined();
  expect(mending.verdict).toMatch(/elsewhere/);
  expect(rootsOf([a])).toEqual([before]);
});

it("leaves all as it is where the log or the checkpoint is damaged, and says so", async () => {
  for (const table of ["d", "b"] as const) {
    const [, b] = await pair(table === "b");
    await flip(b, table, "value 7");
    const cells = rowsOf(b, "c").map(([key, value]) => [key.slice(), value.slice()]);
    expect(await b.replica.checkpoints.mending.ask()).toBe("failed");
    expect(b.replica.checkpoints.mending.verdict).toMatch(/cannot be derived anew: .*(delta|checkpoint)/);
    expect(rowsOf(b, "c").map(([key, value]) => [key.slice(), value.slice()])).toEqual(cells);
  }
});

it("derives what is written meanwhile with the rest", async () => {
  const [a, b] = await pair(true);
  await flip(b, "c", "value 7");
  const mending = b.replica.checkpoints.mending.ask();
  const writing = Array.from({ length: 5 }, (_, i) => write(b, (tx) => tx.field("map", "m").set(`w${i}`, i)));
  expect(await mending).toBe("mended");
  await Promise.all(writing);
  await exchangeAll([a, b]);
  expect(rootsOf([b])).toEqual(rootsOf([a]));
});
