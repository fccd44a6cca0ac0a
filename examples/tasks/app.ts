/**
 * Tasks: ordered lists of them, which several people rearrange at once. A list holds the ids of its tasks, and an
 * element keeps its place among the others wherever it is moved; a task is a document of its own.
 */
import { type Application, app, list, map, payload, records, register, set, text } from "@dunlin/sdk";

type Task = { id: string; title: string; isDone: boolean; tags: string[] };

const tasks: Application = app({
  name: "tasks",
  version: "1.0.0",
  state: {
    lists: map(list(register<string>())),
    tasks: records({
      title: register<string>(),
      isDone: register<boolean>(),
      tags: set<string>(),
      notes: text(),
    }),
  },
  events: { Added: payload<{ list: string; id: string }>(), Done: payload<{ id: string }>() },
  queries: {
    lists: (state): string[] => state.lists.keys(),
    show(state, { list: name }: { list: string }): Task[] {
      const shown: Task[] = [];
      for (const id of state.lists.get(name)?.values() ?? []) {
        const task = state.tasks.get(id);
        if (task === undefined) continue;
        const { title, isDone, tags } = task;
        shown.push({ id, title: title.get() ?? "", isDone: isDone.get() ?? false, tags: tags.values() });
      }
      return shown;
    },
    notes: (state, { id }: { id: string }): string => state.tasks.get(id)?.notes.get()?.toString() ?? "",
  },
  mutations: {
    /** A new task at an index, or at the end. */
    add(
      state,
      { list: name, id, title, index }: { list: string; id: string; title: string; index?: number },
      context,
    ): void {
      state.tasks.insert(id, { title });
      const ids = state.lists.ensure(name);
      ids.insert(Math.min(index ?? ids.length(), ids.length()), id);
      context.emit("Added", { list: name, id });
    },
    rename: (state, { id, title }: { id: string; title: string }): void => state.tasks.get(id)?.title.set(title),
    finish(state, { id }: { id: string }, context): void {
      state.tasks.get(id)?.isDone.set(true);
      context.emit("Done", { id });
    },
    tag(state, { id, tag }: { id: string; tag: string }): void {
      state.tasks.get(id)?.tags.add(tag);
    },
    note(state, { id, at, words }: { id: string; at: number; words: string }): void {
      state.tasks.get(id)?.notes.ensure().insert(at, words);
    },
    /** Puts a task at an index of its list. */
    move(state, { list: name, id, index }: { list: string; id: string; index: number }): void {
      const ids = state.lists.get(name);
      const from = ids?.values().indexOf(id) ?? -1;
      if (ids === undefined || from < 0) throw Object.assign(new Error("no such task"), { code: "TASK_UNKNOWN" });
      ids.move(from, Math.max(0, Math.min(index, ids.length() - 1)));
    },
    remove(state, { list: name, id }: { list: string; id: string }): void {
      const ids = state.lists.get(name);
      const at = ids?.values().indexOf(id) ?? -1;
      if (at >= 0) ids?.delete(at);
      state.tasks.delete(id);
    },
  },
});

export default tasks;
