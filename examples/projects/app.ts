/**
 * Projects: tasks that wait for others, as a graph. One node refuses an edge that would close a cycle; two nodes that
 * each draw half of one cannot know, so `plan` says where a cycle is, and somebody takes an edge of it away.
 */
import { type Application, app, graph, payload, register } from "@dunlin/sdk";

type Task = { title: string; days: number; isDone: boolean };
type Plan = { order: string[]; days: number } | { cycle: string[] };

const projects: Application = app({
  name: "projects",
  version: "1.0.0",
  state: { tasks: graph(register<Task>()) },
  events: { Finished: payload<{ id: string; ready: string[] }>() },
  queries: {
    task: (state, { id }: { id: string }): Task | null =>
      state.tasks.has(id) ? (state.tasks.contents.get(id) ?? null) : null,
    /** The tasks that can be begun: all that they wait for is done. */
    ready: (state): string[] => readyOf(state.tasks),
    /** An order in which every task comes after those that it waits for, and how long the longest way takes. */
    plan(state): Plan {
      const { tasks } = state;
      const sorted = tasks.sort();
      if (sorted.kind === "cyclic") return { cycle: [...sorted.cycle] };
      const endByTask = new Map<string, number>();
      for (const id of sorted.order) {
        const begin = Math.max(0, ...tasks.incoming(id).map(({ source }) => endByTask.get(source) ?? 0));
        endByTask.set(id, begin + (tasks.contents.get(id)?.days ?? 0));
      }
      return { order: [...sorted.order], days: Math.max(0, ...endByTask.values()) };
    },
    /** What is held up, directly or not, while a task is not done. */
    blockedBy: (state, { id }: { id: string }): string[] =>
      state.tasks
        .breadthFirst(id)
        .slice(1)
        .map((visited) => visited.id),
  },
  mutations: {
    add(state, { id, title, days }: { id: string; title: string; days: number }): void {
      state.tasks.addVertex(id);
      state.tasks.contents.set(id, { title, days, isDone: false });
    },
    /** Lets a task wait for another. */
    wait(state, { task, on }: { task: string; on: string }): void {
      if (state.tasks.wouldCycle(on, task)) {
        throw Object.assign(new Error(`${on} waits for ${task} already`), { code: "WOULD_CYCLE" });
      }
      state.tasks.addEdge(on, task);
    },
    free: (state, { task, on }: { task: string; on: string }): boolean => state.tasks.removeEdge(on, task),
    finish(state, { id }: { id: string }, context): void {
      const task = state.tasks.contents.get(id);
      if (task === undefined) return;
      state.tasks.contents.set(id, { ...task, isDone: true });
      context.emit("Finished", { id, ready: readyOf(state.tasks) });
    },
    /** Drops a task; what waited for it waits no more. */
    drop: (state, { id }: { id: string }): boolean => state.tasks.removeVertex(id),
  },
});

interface Tasks {
  readonly contents: { get(id: string): Task | undefined };
  vertices(): string[];
  incoming(id: string): readonly { readonly source: string }[];
}

function readyOf(tasks: Tasks): string[] {
  const isDone = (id: string): boolean => tasks.contents.get(id)?.isDone === true;
  return tasks.vertices().filter((id) => !isDone(id) && tasks.incoming(id).every(({ source }) => isDone(source)));
}

export default projects;
