import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { describe, expect, inject } from "vitest";
import { it, openPage } from "./support/in-browser.ts";
import { startChromium } from "./support/own-chromium.ts";

type StorePage = typeof import("./pages/store.ts");
declare const page: StorePage;

describe("an IndexedDB store", () => {
  it("opens with its directory alone, and loads the pages that are read", async ({ profile }) => {
    const tab = await profile.openPage("store");
    await tab.evaluate(async () => {
      await page.open();
      for (let row = 0; row < 100_000; row += 10_000) await page.put(row, 10_000);
      await page.close();
      await page.open();
    });
    expect(await tab.evaluate(() => page.counts())).toMatchObject({ loaded: 0, loads: 0 });
    expect(await tab.evaluate(() => page.counts().pages)).toBeGreaterThan(200);
    expect(await tab.evaluate(() => page.get(77_777))).toBe(77_777);
    expect(await tab.evaluate(() => page.counts())).toMatchObject({ loaded: 1, loads: 1 });
    expect(await tab.evaluate(() => page.get(77_778))).toBe(77_778);
    expect(await tab.evaluate(() => page.get(100_000))).toBeUndefined();
    expect(await tab.evaluate(() => page.counts().loads)).toBe(2);
  });

  it("loads a page once for all who wait for it", async ({ profile }) => {
    const tab = await profile.openPage("store");
    const [misses, loads] = await tab.evaluate(async () => {
      await page.open();
      await page.put(0, 10);
      await page.close();
      await page.open();
      return [await page.getAtOnce(3, 50), page.counts().loads];
    });
    expect([misses, loads]).toEqual([50, 1]);
  });

  it("keeps its cache within bounds, and still reads everything", async ({ profile }) => {
    const tab = await profile.openPage("store");
    const [all, bytes] = await tab.evaluate(async () => {
      await page.open({ cacheBytesMax: 500_000 });
      await page.put(0, 20_000);
      const rows = await page.rows();
      return [rows, page.counts().loadedBytes];
    });
    expect(all).toEqual(Array.from({ length: 20_000 }, (_, i) => i));
    expect(bytes).toBeLessThan(1_000_000);
  });

  it("asks for strict durability", async ({ profile }) => {
    const tab = await profile.openPage("store");
    const seen = await tab.evaluate(async () => {
      await page.open();
      const durabilities = page.watchDurability();
      await page.put(0, 10);
      await page.put(1, 10);
      return durabilities();
    });
    expect(seen).toEqual(["strict", "strict"]);
  });

  it("tells what the browser says of its room", async ({ profile }) => {
    const tab = await profile.openPage("store");
    const health = await tab.evaluate(() => page.health());
    expect(health.answer).toBe(health.isPersisted);
    expect(health.isPersisted).toBeTypeOf("boolean");
    expect(health.quotaBytes).toBeGreaterThan(0);
    expect(health.usageBytes).toBeTypeOf("number");
  });
});

describe("two tabs on one store", () => {
  it("both keep all they commit, and see each other's", async ({ profile }) => {
    const [left, right] = await Promise.all([profile.openPage("store"), profile.openPage("store")]);
    for (const tab of [left, right]) await tab.evaluate(() => page.open());
    // Neighbours, so that both write the same pages all the time.
    const write = (tab: Page, from: number): Promise<void> =>
      tab.evaluate(async (first) => {
        for (let i = 0; i < 60; i++) await page.put(first + i * 2, 1, 3000);
      }, from);
    await Promise.all([write(left, 0), write(right, 1)]);
    for (const tab of [left, right]) {
      await tab.evaluate(() => page.refresh());
      expect(await tab.evaluate(() => page.rows())).toEqual(Array.from({ length: 120 }, (_, i) => i));
      expect(await tab.evaluate(() => page.refresh())).toBe(false);
    }
  });

  it("catch up with more commits than are on record", async ({ profile }) => {
    const [left, right] = await Promise.all([profile.openPage("store"), profile.openPage("store")]);
    await right.evaluate(() => page.deafen());
    for (const tab of [left, right]) await tab.evaluate(() => page.open());
    await right.evaluate(() => page.put(1_000_000));
    await left.evaluate(async () => {
      for (let i = 0; i < 300; i++) await page.put(i);
    });
    expect(await right.evaluate(() => page.refresh())).toBe(true);
    expect(await right.evaluate(() => page.rows())).toEqual([...Array.from({ length: 300 }, (_, i) => i), 1_000_000]);
  });

  it("lose it when one of them deletes it, and are told", async ({ profile }) => {
    const [left, right] = await Promise.all([profile.openPage("store"), profile.openPage("store")]);
    for (const tab of [left, right]) await tab.evaluate(() => page.open());
    await left.evaluate(() => page.put(1));
    expect(await right.evaluate(() => page.codeOf("delete"))).toBeUndefined();
    for (const tab of [left, right]) {
      expect(await tab.evaluate(() => page.codeOf("get"))).toBe("STORE_GONE");
      expect(await tab.evaluate(() => page.codeOf("commit"))).toBe("STORE_GONE");
    }
    expect(await left.evaluate(() => page.codeOf("openExisting"))).toBe("STORE_GONE");
    await left.evaluate(() => page.open());
    expect(await left.evaluate(() => page.rows())).toEqual([]);
  });

  it("cannot delete what another keeps open", async ({ profile }) => {
    const [left, right] = await Promise.all([profile.openPage("store"), profile.openPage("store")]);
    await left.evaluate(async () => {
      await page.open();
      await page.close();
      await page.tamper("held");
    });
    expect(await right.evaluate(() => page.codeOf("delete"))).toBe("STORE_BLOCKED");
  });
});

describe("a store that cannot be used", () => {
  const tampered = [
    ["newer", "open", "STORE_NEWER"],
    ["foreign", "open", "STORE_CORRUPT"],
  ] as const;
  for (const [how, use, code] of tampered) {
    it(`is refused when it is ${how}`, async ({ profile }) => {
      const tab = await profile.openPage("store");
      await tab.evaluate((each) => page.tamper(each), how);
      expect(await tab.evaluate((each) => page.codeOf(each), use)).toBe(code);
    });
  }

  it("says that a page is damaged", async ({ profile }) => {
    const tab = await profile.openPage("store");
    await tab.evaluate(async () => {
      await page.open();
      await page.put(1);
      await page.close();
      await page.tamper("damaged");
      await page.open();
    });
    expect(await tab.evaluate(() => page.codeOf("get"))).toBe("STORE_CORRUPT");
    expect(await tab.evaluate(() => page.codeOf("commit"))).toBe("STORE_CORRUPT");
  });

  it("says that the browser has no more room, and keeps what was there", async ({ profile }) => {
    const tab = await profile.openPage("store");
    const devtools = await profile.context.newCDPSession(tab);
    // Before the first commit: the browser looks up the quota now and then only.
    await devtools.send("Storage.overrideQuotaForOrigin", { origin: inject("origin"), quotaSize: 200_000 });
    await tab.evaluate(async () => {
      await page.open();
      await page.put(1);
    });
    expect(await tab.evaluate(() => page.codeOf("fill"))).toBe("STORE_FULL");
    expect(await tab.evaluate(() => page.codeOf("get"))).toBe("STORE_CLOSED");
    await tab.evaluate(() => page.open());
    expect(await tab.evaluate(() => page.rows())).toEqual([1]);
    expect(await tab.evaluate(() => page.codeOf("commit"))).toBeUndefined();
  });

  it("says that the browser cleared its data", async ({ profile }) => {
    const tab = await profile.openPage("store");
    const devtools = await profile.context.newCDPSession(tab);
    await tab.evaluate(async () => {
      await page.open();
      await page.put(1);
    });
    await devtools.send("Storage.clearDataForOrigin", { origin: inject("origin"), storageTypes: "indexeddb" });
    await expect.poll(() => tab.evaluate(() => page.codeOf("get"))).toBe("STORE_GONE");
    expect(await tab.evaluate(() => page.codeOf("commit"))).toBe("STORE_GONE");
  });
});

describe("a browser that is killed while it writes", () => {
  const kills = Number(process.env["DUNLIN_KILLS"] ?? 3);

  it("has every commit that it acknowledged, each as a whole", async ({ skip }) => {
    const browser = inject("browser");
    if ("reason" in browser) return skip(browser.reason);
    const folder = mkdtempSync(join(tmpdir(), "dunlin-chromium-"));
    let acknowledged = 0;
    try {
      for (let i = 0; i < kills; i++) {
        const { context, kill } = await startChromium(browser.executable, folder);
        const enough = acknowledged + 400;
        let reach = (): void => {};
        const reached = new Promise<void>((resolve) => {
          reach = resolve;
        });
        await context.exposeFunction("acknowledged", (row: number) => {
          acknowledged = row;
          if (row > enough) reach();
        });
        const tab = await openPage(context, "store");
        await tab.evaluate(() => page.open());
        const found = await tab.evaluate(() => page.rows());
        expect(found.length).toBeGreaterThanOrEqual(acknowledged);
        expect(found).toEqual(Array.from({ length: found.length }, (_, row) => row));
        expect(found.length % 20).toBe(0);
        const writing = tab.evaluate((from) => page.writeForever(from), found.length);
        // The writing ends by the kill alone; an error of its own comes out here.
        await Promise.race([reached, writing]);
        await Promise.all([kill(), expect(writing).rejects.toThrow("closed")]);
      }
      expect(acknowledged).toBeGreaterThan(400 * kills);
    } finally {
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    }
  });
});
