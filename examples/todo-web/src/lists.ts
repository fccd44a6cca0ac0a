/** Which list this browser shows: its own, or one that it was invited to. Each has a store of its own. */
import { openDatabase } from "@dunlin/core";
import { deleteIndexedDbStore, openIndexedDbStore } from "@dunlin/store/indexeddb";

const SHOWN_KEY = "todo-web.list";
const OWN_LIST = "todos";

/** The store's name. */
export function shownList(): string {
  return localStorage.getItem(SHOWN_KEY) ?? OWN_LIST;
}

export function isOwnList(): boolean {
  return shownList() === OWN_LIST;
}

/** Joins the list of a ticket in a new store, and shows it in all tabs. Throws when the ticket is none. */
export async function joinList(ticket: string): Promise<void> {
  const name = `${OWN_LIST}-${crypto.randomUUID()}`;
  try {
    const database = await openDatabase({ store: openIndexedDbStore(name), ticket });
    await database.close();
  } catch (thrown) {
    await deleteIndexedDbStore(name);
    throw thrown;
  }
  localStorage.setItem(SHOWN_KEY, name);
  location.reload();
}

/** The list that was joined stays in its store, but is not shown any more. */
export function showOwnList(): void {
  localStorage.removeItem(SHOWN_KEY);
  location.reload();
}

/** Another tab chose: this one follows. */
export function followChoice(): void {
  addEventListener("storage", ({ key }) => {
    if (key === SHOWN_KEY) location.reload();
  });
}
