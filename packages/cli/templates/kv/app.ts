/**
 * A shared store of entries by key. Every member's node holds all of it; of two who put the same key without knowing of
 * each other, the later stands.
 */
import { type Application, app, counter, map, payload, register } from "@dunlin/sdk";

const application: Application = app({
  name: "app-name",
  version: "0.1.0",
  state: {
    entries: map(register<string>()),
    puts: counter(),
  },
  events: {
    Put: payload<{ key: string }>(),
    Removed: payload<{ key: string }>(),
  },
  queries: {
    get(state, { key }: { key: string }): string | null {
      return state.entries.get(key) ?? null;
    },
    all(state): Record<string, string> {
      return Object.fromEntries(state.entries.entries());
    },
    puts(state): number {
      return state.puts.value();
    },
  },
  mutations: {
    put(state, { key, value }: { key: string; value: string }, context): void {
      if (key === "") throw new Error("a key has at least one character");
      state.entries.set(key, value);
      state.puts.add(1);
      context.emit("Put", { key });
    },
    remove(state, { key }: { key: string }, context): boolean {
      if (!state.entries.has(key)) return false;
      state.entries.delete(key);
      context.emit("Removed", { key });
      return true;
    },
  },
});

export default application;
