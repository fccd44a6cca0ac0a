import type { BrowserContext, Locator, Page } from "playwright-core";
import { describe, expect } from "vitest";
import { it, openPage } from "./support/in-browser.ts";
import { type RelayProcess, startRelay } from "./support/relay.ts";
import { screenshot } from "./support/screenshot.ts";

const titles = (tab: Page): Promise<string[]> => tab.locator("#list li label span").allTextContents();
const row = (tab: Page, title: string): Locator => tab.locator("#list li", { hasText: title });

async function add(tab: Page, title: string): Promise<void> {
  await tab.getByLabel("What is to be done").fill(title);
  await tab.getByRole("button", { name: "Add" }).click();
  await row(tab, title).waitFor();
}

describe("examples/todo-web", () => {
  it("adds, votes, ticks, filters and removes, and keeps it over a reload", async ({ profile }) => {
    const tab = await profile.openPage("todo-web/");
    await tab.setViewportSize({ width: 720, height: 560 });
    await expect.poll(() => tab.locator("#empty").isVisible()).toBe(true);
    for (const title of ["Write the letter", "Water the plants", "Mend the fence"]) await add(tab, title);
    for (let i = 0; i < 3; i++) await row(tab, "Mend the fence").getByRole("button", { name: "Vote" }).click();
    await row(tab, "Water the plants").getByRole("button", { name: "Vote" }).click();
    await expect.poll(() => titles(tab)).toEqual(["Mend the fence", "Water the plants", "Write the letter"]);
    await row(tab, "Water the plants").getByRole("checkbox").check();
    await expect.poll(() => tab.locator("#count").textContent()).toBe("2 open");
    await screenshot(tab, "todo-all");
    await tab.getByText("Open", { exact: true }).click();
    await expect.poll(() => titles(tab)).toEqual(["Mend the fence", "Write the letter"]);
    await tab.getByText("Done", { exact: true }).click();
    await expect.poll(() => titles(tab)).toEqual(["Water the plants"]);
    await row(tab, "Water the plants").getByRole("button", { name: "Remove" }).click();
    await expect.poll(() => titles(tab)).toEqual([]);
    await tab.reload();
    await expect.poll(() => titles(tab)).toEqual(["Mend the fence", "Write the letter"]);
    expect(await row(tab, "Mend the fence").getByRole("button", { name: "Vote" }).textContent()).toBe("▲ 3");
  });

  it("shows one list in two tabs, and counts every vote of both", async ({ profile }) => {
    const [left, right] = (await Promise.all([1, 2].map(() => profile.openPage("todo-web/")))) as [Page, Page];
    await add(left, "Paint the door");
    await row(right, "Paint the door").waitFor();
    const vote = async (tab: Page): Promise<void> => {
      const button = row(tab, "Paint the door").getByRole("button", { name: "Vote" });
      for (let i = 0; i < 6; i++) await button.click();
    };
    await Promise.all([vote(left), vote(right)]);
    for (const tab of [left, right]) {
      const button = row(tab, "Paint the door").getByRole("button", { name: "Vote" });
      await expect.poll(() => button.textContent()).toBe("▲ 12");
    }
    await row(right, "Paint the door").getByRole("checkbox").check();
    await expect.poll(() => row(left, "Paint the door").getByRole("checkbox").isChecked()).toBe(true);
    await right.emulateMedia({ colorScheme: "dark" });
    await right.setViewportSize({ width: 390, height: 560 });
    await screenshot(right, "todo-dark");
  });

  it("says so when the browser cleared its data", async ({ profile }) => {
    const tab = await profile.openPage("todo-web/");
    await add(tab, "Find the key");
    const devtools = await profile.context.newCDPSession(tab);
    const { origin } = new URL(tab.url());
    await devtools.send("Storage.clearDataForOrigin", { origin, storageTypes: "indexeddb" });
    await row(tab, "Find the key").getByRole("button", { name: "Vote" }).click();
    await expect.poll(() => tab.getByRole("alert").textContent()).toMatch(/gone|closed/);
    await screenshot(tab, "todo-gone");
  });
});

async function openTodo(context: BrowserContext, relay: RelayProcess): Promise<Page> {
  const tab = await openPage(context, `todo-web/?relay=${relay.url}`);
  await expect.poll(() => tab.getByRole("status").textContent()).toBe("At the relay; nobody else is there now.");
  return tab;
}

async function inviteTo(tab: Page): Promise<string> {
  await tab.getByRole("button", { name: "Invite" }).click();
  return tab.getByLabel("A ticket for one person").inputValue();
}

async function join(tab: Page, ticket: string): Promise<void> {
  await tab.getByLabel("Join another list").fill(ticket);
  await tab.getByRole("button", { name: "Join" }).click();
}

const votesOn = (tab: Page, title: string): Promise<string | null> =>
  row(tab, title).getByRole("button", { name: "Vote" }).textContent();

describe("examples/todo-web in two browsers", () => {
  it("joins by a ticket and converges through a relay, also when it was away", async ({ profile, otherProfile }) => {
    await using relay = await startRelay();
    const ours = await openTodo(profile.context, relay);
    await add(ours, "Carry the boat");
    const theirs = await openTodo(otherProfile.context, relay);
    await join(theirs, await inviteTo(ours));
    await row(theirs, "Carry the boat").waitFor();
    for (const tab of [ours, theirs]) {
      await expect.poll(() => tab.getByRole("status").textContent()).toBe("The same as in one other browser.");
    }
    await screenshot(ours, "todo-invite");
    await add(theirs, "Tar the boat");
    await row(ours, "Tar the boat").waitFor();

    await relay.stop();
    for (const tab of [ours, theirs]) {
      await expect.poll(() => tab.getByRole("status").textContent()).toContain("no relay at");
      for (let i = 0; i < 2; i++) await row(tab, "Tar the boat").getByRole("button", { name: "Vote" }).click();
    }
    await screenshot(theirs, "todo-no-relay");
    await add(ours, "Buy an oar");
    await relay.start();
    await row(theirs, "Buy an oar").waitFor();
    for (const tab of [ours, theirs]) await expect.poll(() => votesOn(tab, "Tar the boat")).toBe("▲ 4");
    await expect.poll(() => titles(ours)).toEqual(await titles(theirs));
  });

  it("hands the link on to the tab that is left", async ({ profile, otherProfile }) => {
    await using relay = await startRelay();
    const first = await openTodo(profile.context, relay);
    const second = await openPage(profile.context, `todo-web/?relay=${relay.url}`);
    await expect.poll(() => second.getByRole("status").textContent()).toContain("Another tab");
    const theirs = await openTodo(otherProfile.context, relay);
    await join(theirs, await inviteTo(second));
    await add(second, "Paint the boat");
    await row(theirs, "Paint the boat").waitFor();
    await first.close();
    await expect.poll(() => second.getByRole("status").textContent()).toBe("The same as in one other browser.");
    await add(second, "Launch the boat");
    await row(theirs, "Launch the boat").waitFor();
  });

  it("refuses what is no ticket, and goes back to its own list", async ({ profile }) => {
    await using relay = await startRelay();
    const tab = await openTodo(profile.context, relay);
    await add(tab, "My own");
    await join(tab, "not a ticket");
    await expect.poll(() => tab.getByRole("alert").textContent()).toContain("not a valid ticket");
    await join(tab, await inviteTo(tab));
    await expect.poll(() => tab.getByRole("status").textContent()).toContain("Waiting for whoever invited you");
    expect(await tab.getByLabel("What is to be done").isDisabled()).toBe(true);
    await tab.getByRole("button", { name: "Back to my own list" }).click();
    await row(tab, "My own").waitFor();
  });
});
