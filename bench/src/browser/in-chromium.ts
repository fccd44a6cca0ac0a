/**
 * Works in a real browser: `page.ts` bundled from the sources, in a headless Chromium with a profile of its own. Where
 * there is no Chromium, or it is not where Debian puts it, `DUNLIN_CHROMIUM` names it.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { build } from "vite";
import type { Figures } from "../isolated.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const PATHS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
/** Web Locks and storage need an origin that is trusted, as this machine's is. Nothing listens there. */
const ORIGIN = "http://localhost/";
/** A sandbox needs rights that containers do not have; the page is our own. */
const ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage"];

/** Undefined when there is no browser. */
export async function inChromium(runs: number): Promise<Figures | undefined> {
  const given = process.env["DUNLIN_CHROMIUM"];
  const executablePath = (given === undefined ? PATHS : [given]).find((path) => existsSync(path));
  if (executablePath === undefined) return undefined;
  const script = await bundle();
  const browser = await chromium.launch({ executablePath, args: ARGUMENTS });
  try {
    const page = await browser.newPage();
    await page.route(`${ORIGIN}**`, (route) => route.fulfill({ contentType: "text/html", body: "<!doctype html>" }));
    await page.goto(ORIGIN);
    await page.addScriptTag({ content: script });
    return await page.evaluate((count) => {
      const { bench } = globalThis as unknown as { bench: { run(runs: number): Promise<Figures> } };
      return bench.run(count);
    }, runs);
  } finally {
    await browser.close();
  }
}

/** One script whose exports stand in the global `bench`. */
async function bundle(): Promise<string> {
  const result = await build({
    root: ROOT,
    configFile: false,
    logLevel: "warn",
    resolve: { conditions: ["x-source"] },
    build: {
      write: false,
      target: "es2022",
      lib: { entry: join(ROOT, "bench", "src", "browser", "page.ts"), formats: ["iife"], name: "bench" },
    },
  });
  const [output] = Array.isArray(result) ? result : [];
  const chunk = output?.output.find((part) => part.type === "chunk");
  if (chunk?.type !== "chunk") throw new Error("the page was not bundled");
  return chunk.code;
}
