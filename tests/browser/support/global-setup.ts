/**
 * Before all browser tests: bundles the pages, serves them, and starts one Chromium that every file connects to.
 *
 * Without a Chromium each test says that it was skipped; where `CI` is set the run fails, since nobody reads skips there.
 */
import { chromium } from "playwright-core";
import type { TestProject } from "vitest/node";
import { ensureChromium } from "../../../tools/programs.mjs";
import { bundleExample, bundlePages } from "./bundle.ts";
import { servePages } from "./serve.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** Where the one browser listens, or why there is none. */
    browser: { readonly endpoint: string; readonly executable: string } | { readonly reason: string };
    /** The origin that serves the pages. */
    origin: string;
  }
}

export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const found = ensureChromium();
  if (found.path === undefined) {
    const reason = found.reason ?? "there is no Chromium";
    if (process.env["CI"]) throw new Error(reason);
    project.provide("browser", { reason });
    project.provide("origin", "");
    return undefined;
  }
  const launching = chromium.launchServer({ executablePath: found.path, args: CHROMIUM_ARGS });
  const folder = await bundlePages();
  await Promise.all(EXAMPLES.map((name) => bundleExample(name, folder)));
  const server = await servePages(folder);
  const browser = await launching;
  project.provide("browser", { endpoint: browser.wsEndpoint(), executable: found.path });
  project.provide("origin", server.origin);
  return async () => {
    await browser.close();
    await server[Symbol.asyncDispose]();
  };
}

const EXAMPLES = ["todo-web", "editor-web"];

/** A sandbox needs rights that containers do not have; the pages are our own. */
export const CHROMIUM_ARGS: string[] = ["--no-sandbox", "--disable-dev-shm-usage"];
