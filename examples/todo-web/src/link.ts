/** The list's way to other browsers: a relay, by one link of all tabs, which share the store anyway. */
import type { Database, Link } from "@dunlin/core";
import { webSocket } from "@dunlin/core/transport";

/** How the link is, for people, and whether all is well. */
export interface LinkShown {
  readonly text: string;
  readonly isUp: boolean;
}

const SHOWN_EVERY_MS = 500;

/** As `?relay=` says, or the one that `npx dunlin-relay` starts on this machine. */
export function relayUrl(): string {
  return new URLSearchParams(location.search).get("relay") ?? "ws://127.0.0.1:7878";
}

/** Keeps the list linked for as long as the page is open; the next tab takes over when this one is closed. */
export function keepLinked(database: Database, url: string, show: (shown: LinkShown) => void): Promise<void> {
  const connector = webSocket(url);
  show({ text: "Another tab keeps the link to the relay.", isUp: true });
  return navigator.locks.request(`todo-web link ${database.member.join()}`, () => {
    const link = database.sync(connector);
    const showNow = (): void => show(shownOf(link, database, url));
    showNow();
    setInterval(showNow, SHOWN_EVERY_MS);
    return new Promise<never>(() => {});
  });
}

function shownOf({ status }: Link, database: Database, url: string): LinkShown {
  const { transport, ticketRefused, peers } = status;
  const down = (text: string): LinkShown => ({ text, isUp: false });
  if (transport.kind === "connecting") return down("Connecting to the relay …");
  if (transport.kind === "waiting") return down(`In this browser only: no relay at ${url}. Trying again by itself.`);
  if (transport.kind === "refused") return down(`The relay refuses this browser: ${transport.reason}.`);
  if (transport.kind === "closed") return down("The link is closed.");
  if (ticketRefused !== undefined) return down(`The ticket was refused (${ticketRefused}). Ask for another one.`);
  if (database.role === undefined) return down("Waiting for whoever invited you: their page must be open.");
  const others = peers.filter(({ state }) => state !== "proving" && state !== "not a member");
  if (others.length === 0) return { text: "At the relay; nobody else is there now.", isUp: true };
  const count = others.length === 1 ? "one other browser" : `${others.length} other browsers`;
  const isEven = others.every(({ even }) => even);
  return { text: isEven ? `The same as in ${count}.` : `Catching up with ${count} …`, isUp: true };
}
