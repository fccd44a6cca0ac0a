/**
 * `it` with tabs of the one browser. A `profile` is a test's own, as another user's would be: its tabs share storage
 * with each other and nothing else; `otherProfile` is a second one. `sharedProfile` is one for all tests of a file, which keep apart by names: quicker.
 */
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { it as base, inject, type TestContext } from "vitest";

export interface Profile {
  readonly context: BrowserContext;
  /** A tab with the bundle `pages/NAME.ts`, whose exports stand in the global `page`. */
  openPage(name: string): Promise<Page>;
}

let connecting: Promise<Browser> | undefined;
let sharing: Promise<Profile> | undefined;

export const it = base.extend<{ profile: Profile; otherProfile: Profile; sharedProfile: Profile }>({
  profile: async ({ skip }, use) => {
    const profile = await createProfile(skip);
    await use(profile);
    await profile.context.close();
  },
  otherProfile: async ({ skip }, use) => {
    const profile = await createProfile(skip);
    await use(profile);
    await profile.context.close();
  },
  sharedProfile: async ({ skip }, use) => {
    sharing ??= createProfile(skip);
    await use(await sharing);
  },
});

/** A tab with a bundle loaded. What goes wrong in it and nobody awaits fails the run. */
export async function openPage(context: BrowserContext, name: string): Promise<Page> {
  const page = await context.newPage();
  page.on("pageerror", (error) => {
    void Promise.reject(error);
  });
  await page.goto(`${inject("origin")}/${name}`);
  return page;
}

async function createProfile(skip: TestContext["skip"]): Promise<Profile> {
  const browser = inject("browser");
  if ("reason" in browser) return skip(browser.reason);
  connecting ??= chromium.connect(browser.endpoint);
  const context = await (await connecting).newContext();
  return { context, openPage: (name) => openPage(context, name) };
}
