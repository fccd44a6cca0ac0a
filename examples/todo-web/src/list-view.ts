/** The list on the page: one element for each todo, kept as long as the todo is shown, so that focus stays. */
import type { Todo } from "./todos.ts";

export interface ListActions {
  tick(id: string, done: boolean): void;
  vote(id: string): void;
  remove(id: string): void;
}

interface Row {
  readonly element: HTMLLIElement;
  show(todo: Todo): void;
}

export class ListView {
  readonly #list: HTMLElement;
  readonly #actions: ListActions;
  readonly #rows = new Map<string, Row>();

  constructor(list: HTMLElement, actions: ListActions) {
    this.#list = list;
    this.#actions = actions;
  }

  show(todos: readonly Todo[]): void {
    const ids = new Set(todos.map(({ id }) => id));
    for (const [id, { element }] of this.#rows) {
      if (ids.has(id)) continue;
      element.remove();
      this.#rows.delete(id);
    }
    for (const [index, todo] of todos.entries()) {
      const row = this.#rows.get(todo.id) ?? createRow(todo.id, this.#actions);
      this.#rows.set(todo.id, row);
      row.show(todo);
      const there = this.#list.children[index];
      if (there !== row.element) this.#list.insertBefore(row.element, there ?? null);
    }
  }
}

function createRow(id: string, actions: ListActions): Row {
  const element = document.createElement("li");
  const label = document.createElement("label");
  const box = document.createElement("input");
  const title = document.createElement("span");
  title.className = "title";
  const vote = document.createElement("button");
  const remove = document.createElement("button");
  box.type = "checkbox";
  vote.type = "button";
  remove.type = "button";
  remove.className = "remove";
  remove.textContent = "✕";
  box.addEventListener("change", () => actions.tick(id, box.checked));
  vote.addEventListener("click", () => actions.vote(id));
  remove.addEventListener("click", () => actions.remove(id));
  label.append(box, title);
  element.append(label, vote, remove);
  const show = (todo: Todo): void => {
    box.checked = todo.done;
    title.textContent = todo.title;
    vote.textContent = `▲ ${todo.votes}`;
    vote.setAttribute("aria-label", `Vote for ${todo.title}: ${todo.votes}`);
    remove.setAttribute("aria-label", `Remove ${todo.title}`);
  };
  return { element, show };
}
