/** What a todo is, and the queries of the page. */
import { boolean, counter, type Database, type DocumentOf, register, string } from "@dunlin/core";

const fields = {
  title: register(string()),
  done: register(boolean()).default(false),
  votes: counter(),
};

const definition = {
  fields,
  indexes: { byVotes: (todo: { readonly votes: number }) => todo.votes },
};

export type Todo = DocumentOf<typeof fields>;
export type Todos = ReturnType<typeof openTodos>;
export type Filter = "all" | "open" | "done";

export function openTodos(database: Database) {
  return database.collection("todos", definition);
}

/** The todos of a filter, the most wanted first, again after each change. */
export async function* watchTodos(todos: Todos, filter: Filter, signal: AbortSignal): AsyncGenerator<readonly Todo[]> {
  const where = filter === "all" ? {} : { where: { done: filter === "done" } };
  for await (const { documents } of todos.query({ ...where, orderBy: ["byVotes", "desc"] }).watch({ signal })) {
    yield documents;
  }
}
