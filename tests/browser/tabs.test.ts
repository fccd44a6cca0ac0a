import type { Page } from "playwright-core";
import { describe, expect } from "vitest";
import { it } from "./support/in-browser.ts";

type ReplicaPage = typeof import("./pages/replica.ts");
declare const page: ReplicaPage;

const votesOf = (tab: Page): Promise<number> => tab.evaluate(() => page.shown().votes);

describe("several tabs on one context", () => {
  it("write as one actor and lose no increment", async ({ profile }) => {
    const tabs = await Promise.all([1, 2, 3].map(() => profile.openPage("replica")));
    const [first, ...others] = tabs as [Page, ...Page[]];
    const context = await first.evaluate(() => page.open());
    for (const tab of others) await tab.evaluate((id) => page.open(id), context);
    await Promise.all(tabs.map((tab, i) => tab.evaluate((together) => page.addOnes(40, together), i > 0)));
    for (const tab of tabs) await expect.poll(() => votesOf(tab)).toBe(120);
    const all = await Promise.all(tabs.map((tab) => tab.evaluate(() => page.shown())));
    // The founder's genesis has an actor of its own.
    for (const { actors, deltas } of all) expect([actors, deltas]).toEqual([2, all[0]?.deltas]);
    expect(await first.evaluate(() => page.audit())).toBe("");
  });

  it("hear of each other's commits without writing", async ({ profile }) => {
    const [left, right] = (await Promise.all([1, 2].map(() => profile.openPage("replica")))) as [Page, Page];
    const context = await left.evaluate(() => page.open());
    await right.evaluate((id) => page.open(id), context);
    await left.evaluate(() => page.addOnes(1, false));
    await expect.poll(() => votesOf(right)).toBe(1);
    expect((await right.evaluate(() => page.shown())).told).toBe(1);
  });

  it("go on when one of them is closed in the middle of its turn", async ({ profile }) => {
    const [left, right] = (await Promise.all([1, 2].map(() => profile.openPage("replica")))) as [Page, Page];
    const context = await left.evaluate(() => page.open());
    await right.evaluate((id) => page.open(id), context);
    const writing = left.evaluate(() => page.addOnes(100_000, false));
    await expect.poll(() => votesOf(right)).toBeGreaterThan(3);
    await Promise.all([left.close(), expect(writing).rejects.toThrow("closed")]);
    const before = await votesOf(right);
    await right.evaluate(() => page.addOnes(10, true));
    expect(await votesOf(right)).toBeGreaterThanOrEqual(before + 10);
    expect(await right.evaluate(() => page.audit())).toBe("");
  });
});
