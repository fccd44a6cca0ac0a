import type { Page } from "playwright-core";
import { describe, expect } from "vitest";
import { it, type Profile } from "./support/in-browser.ts";
import { collectCases } from "./support/suite-cases.ts";

type SuitePage = typeof import("./pages/store-suite.ts");
declare const page: SuitePage;

const names = [...collectCases(() => Promise.reject(new Error("only listed here"))).keys()];

let opening: Promise<Page> | undefined;

async function runCase(profile: Profile, cacheBytesMax: number, name: string): Promise<void> {
  opening ??= profile.openPage("store-suite");
  await (await opening).evaluate(([bytes, each]) => page.runCase(bytes, each), [cacheBytesMax, name] as const);
}

describe("the acceptance suite in Chromium", () => {
  it("has cases", () => expect(names.length).toBeGreaterThan(15));
  for (const name of names) it(name, ({ sharedProfile }) => runCase(sharedProfile, 64 * 1024 * 1024, name));
});

describe("the acceptance suite in Chromium, with compressed pages and a cache that keeps nothing", () => {
  for (const name of names) it(name, ({ sharedProfile }) => runCase(sharedProfile, 0, name));
});
