/** The text's way to other browsers: a relay, by one link of all tabs, and an address by which others join. */
import { type Database, type Link, openDatabase } from "@dunlin/core";
import { webSocket } from "@dunlin/core/transport";
import { openIndexedDbStore } from "@dunlin/store/indexeddb";

const SHOWN_EVERY_MS = 500;

/** The text of the ticket in this page's address, which has a store of its own; without one, this browser's own. */
export async function openText(): Promise<Database> {
  const ticket = location.hash.slice(1);
  if (ticket === "") return openDatabase({ store: openIndexedDbStore("editor") });
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(ticket)));
  const name = [...digest.subarray(0, 8)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return openDatabase({ store: openIndexedDbStore(`editor-${name}`), ticket });
}

/** An address at which one other person joins. */
export function inviteTo(database: Database): string {
  const address = new URL(location.href);
  address.hash = database.invite();
  return address.href;
}

/** Keeps the text linked while the page is open; the next tab takes over when this one is closed. */
export function keepLinked(database: Database, show: (state: string) => void): Promise<void> {
  const url = new URLSearchParams(location.search).get("relay") ?? "ws://127.0.0.1:7878";
  const connector = webSocket(url);
  show("Another tab keeps the link");
  return navigator.locks.request(`editor-web link ${database.member.join()}`, () => {
    const link = database.sync(connector);
    const showNow = (): void => show(stateOf(link, database));
    showNow();
    setInterval(showNow, SHOWN_EVERY_MS);
    return new Promise<never>(() => {});
  });
}

function stateOf({ status }: Link, database: Database): string {
  const { transport, ticketRefused, peers } = status;
  if (ticketRefused !== undefined) return `The invitation was refused (${ticketRefused})`;
  if (transport.kind === "refused") return `The relay refuses this browser: ${transport.reason}`;
  if (transport.kind !== "connected") return "In this browser only: no relay";
  if (database.role === undefined) return "Waiting for whoever invited you: their page must be open";
  const open = peers.filter(({ state }) => state !== "proving" && state !== "not a member");
  if (open.length === 0) return "At the relay, alone";
  return open.every(({ even }) => even) ? "Everything is shared" : "Catching up …";
}
