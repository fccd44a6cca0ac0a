import type { BrowserContext, Page } from "playwright-core";
import { describe, expect } from "vitest";
import { it, openPage } from "./support/in-browser.ts";
import { startRelay } from "./support/relay.ts";
import { screenshot } from "./support/screenshot.ts";

const field = (tab: Page) => tab.getByLabel("The text");
const shown = (tab: Page): Promise<string> => field(tab).inputValue();
const caretOf = (tab: Page, name: string) => tab.locator(`.caret[data-name="${name}"]`);

async function openEditor(context: BrowserContext, name: string, path = "editor-web/"): Promise<Page> {
  const tab = await openPage(context, path);
  await expect.poll(() => field(tab).isEnabled()).toBe(true);
  await tab.getByLabel("You are").fill(name);
  await field(tab).focus();
  return tab;
}

describe("examples/editor-web", () => {
  it("lets two tabs type at once, each at its own caret", async ({ profile }) => {
    const left = await openEditor(profile.context, "Ada");
    const right = await openEditor(profile.context, "Grace");
    await left.keyboard.type("the middle");
    await expect.poll(() => shown(right)).toBe("the middle");
    await left.keyboard.press("Control+Home");
    await right.keyboard.press("Control+End");
    await Promise.all([
      left.keyboard.type("What stands before ", { delay: 10 }),
      right.keyboard.type(" and what comes after", { delay: 10 }),
    ]);
    for (const tab of [left, right]) {
      await expect.poll(() => shown(tab)).toBe("What stands before the middle and what comes after");
    }
    await caretOf(left, "Grace").waitFor({ state: "attached" });
    await caretOf(right, "Ada").waitFor({ state: "attached" });
    const beforeAda = () => caretOf(right, "Ada").evaluate((caret) => caret.previousElementSibling?.textContent);
    await expect.poll(beforeAda).toBe("What stands before ");
    // Removed here while the other's caret stands behind it.
    await left.keyboard.press("Control+Backspace");
    await right.keyboard.type("!");
    for (const tab of [left, right]) {
      await expect.poll(() => shown(tab)).toBe("What stands the middle and what comes after!");
    }
  });

  it("marks what is selected, shows others' selections, and keeps all over a reload", async ({ profile }) => {
    const left = await openEditor(profile.context, "Ada");
    const right = await openEditor(profile.context, "Grace");
    for (const tab of [left, right]) await tab.setViewportSize({ width: 760, height: 480 });
    await left.keyboard.type(
      "Notes on the engine\n\nIt weaves algebraic patterns, just as the loom\nweaves flowers.\n",
    );
    await left.keyboard.press("Control+Home");
    await left.keyboard.press("Shift+End");
    await left.bringToFront();
    await left.getByRole("button", { name: "Bold" }).click();
    await expect.poll(() => right.locator("#paper .bold").allTextContents()).toEqual(["Notes on the engine"]);
    await left.keyboard.press("ArrowRight");
    await left.keyboard.type(" of 1843");
    await expect.poll(() => right.locator("#paper .bold").allTextContents()).toEqual(["Notes on the engine of 1843"]);
    await right.keyboard.press("Control+End");
    await right.keyboard.type("Who wrote this?");
    await right.keyboard.press("Shift+Home");
    await right.keyboard.press("Control+i");
    await expect.poll(() => right.locator("#paper .italic").allTextContents()).toEqual(["Who wrote this?"]);
    await expect.poll(() => left.locator("#paper .italic").allTextContents()).toEqual(["Who wrote this?"]);
    await expect.poll(() => left.locator("#paper .selected").allTextContents()).toEqual(["Who wrote this?"]);
    await screenshot(left, "editor-light");
    await right.emulateMedia({ colorScheme: "dark" });
    await screenshot(right, "editor-dark");
    const all = await shown(left);
    await left.reload();
    await expect.poll(() => shown(left)).toBe(all);
    await expect.poll(() => left.locator("#paper .bold").allTextContents()).toEqual(["Notes on the engine of 1843"]);
  });

  it("is written in two browsers at once, through a relay", async ({ profile, otherProfile }) => {
    await using relay = await startRelay();
    const ours = await openEditor(profile.context, "Ada", `editor-web/?relay=${relay.url}`);
    await ours.keyboard.type("One text");
    await ours.getByRole("button", { name: "Invite" }).click();
    const { pathname, search, hash } = new URL(await ours.getByLabel("An address for one person").inputValue());
    const theirs = await openEditor(otherProfile.context, "Grace", `${pathname.slice(1)}${search}${hash}`);
    await expect.poll(() => shown(theirs)).toBe("One text");
    await theirs.keyboard.press("Control+End");
    await field(ours).focus();
    await ours.keyboard.press("Control+Home");
    await Promise.all([
      ours.keyboard.type("Here is: ", { delay: 10 }),
      theirs.keyboard.type(", two browsers", { delay: 10 }),
    ]);
    for (const tab of [ours, theirs]) await expect.poll(() => shown(tab)).toBe("Here is: One text, two browsers");
    await caretOf(ours, "Grace").waitFor({ state: "attached" });
    await caretOf(theirs, "Ada").waitFor({ state: "attached" });
  });
});
