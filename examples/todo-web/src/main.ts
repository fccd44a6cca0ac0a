/** A todo list that lives in the browser: every tab shows the same one, and a reload or a crash loses nothing. */
import { openDatabase } from "@dunlin/core";
import { openIndexedDbStore, requestPersistence } from "@dunlin/store/indexeddb";
import { ListView } from "./list-view.ts";
import { shownList } from "./lists.ts";
import { attempt, element, report } from "./page.ts";
import { openShare } from "./share.ts";
import { type Filter, openTodos, type Todos, watchTodos } from "./todos.ts";

async function show(todos: Todos, view: ListView, filter: Filter, signal: AbortSignal): Promise<void> {
  for await (const documents of watchTodos(todos, filter, signal)) {
    view.show(documents);
    element("empty").hidden = documents.length > 0;
    const open = documents.filter(({ done }) => !done).length;
    element("count").textContent = filter === "done" ? `${documents.length} done` : `${open} open`;
  }
}

function follow(todos: Todos, view: ListView): void {
  const form = element<HTMLFormElement>("filter");
  let watching = new AbortController();
  const restart = (): void => {
    watching.abort();
    watching = new AbortController();
    const filter = new FormData(form).get("filter") as Filter;
    attempt(show(todos, view, filter, watching.signal));
  };
  form.addEventListener("change", restart);
  restart();
}

async function start(): Promise<void> {
  const database = await openDatabase({ store: openIndexedDbStore(shownList()) });
  const todos = openTodos(database);
  const view = new ListView(element("list"), {
    tick: (id, done) => attempt(todos.update(id, { done })),
    vote: (id) => attempt(todos.update(id, (todo) => todo.votes.increment())),
    remove: (id) => attempt(todos.delete(id)),
  });
  follow(todos, view);
  const form = element<HTMLFormElement>("add");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const title = String(new FormData(form).get("title")).trim();
    if (title === "") return;
    form.reset();
    attempt(todos.insert({ title }));
  });
  openShare(database);
  // Before that there is nothing to write to.
  await database.joined();
  element<HTMLFieldSetElement>("adding").disabled = false;
  const isPersisted = await requestPersistence();
  element("storage").textContent = isPersisted
    ? "Kept until you delete it."
    : "The browser may clear it when space is short.";
}

start().catch(report);
