/**
 * A key-value store: values of any kind by key, counters beside them, and a way to write only what has not changed.
 */
import { type Application, app, counter, map, payload, register, type Value } from "@dunlin/sdk";

const PAGE_MAX = 500;

const kvStore: Application = app({
  name: "kv-store",
  version: "1.0.0",
  state: {
    values: map(register<Value>()),
    counters: map(counter()),
  },
  events: { Changed: payload<{ key: string; isThere: boolean }>() },
  queries: {
    get(state, { key }: { key: string }): Value {
      return state.values.get(key) ?? null;
    },
    has: (state, { key }: { key: string }): boolean => state.values.has(key),
    /** Keys with a prefix, above `after`, ascending. */
    keys(state, { prefix = "", after = "" }: { prefix?: string; after?: string }): string[] {
      const keys = state.values.keys().filter((key) => key.startsWith(prefix) && key > after);
      return keys.slice(0, PAGE_MAX);
    },
    count: (state, { key }: { key: string }): number => state.counters.get(key)?.value() ?? 0,
  },
  mutations: {
    put(state, { key, value }: { key: string; value: Value }, context): void {
      state.values.set(key, value);
      context.emit("Changed", { key, isThere: true });
    },
    /** Writes when the key holds what is expected here; another node may hold something else. Whether it wrote. */
    replace(
      state,
      { key, expected, value }: { key: string; expected: string | null; value: string },
      context,
    ): boolean {
      if ((state.values.get(key) ?? null) !== expected) return false;
      state.values.set(key, value);
      context.emit("Changed", { key, isThere: true });
      return true;
    },
    remove(state, { key }: { key: string }, context): boolean {
      const wasThere = state.values.delete(key);
      if (wasThere) context.emit("Changed", { key, isThere: false });
      return wasThere;
    },
    add(state, { key, by }: { key: string; by: number }): number {
      const sum = state.counters.ensure(key);
      sum.add(by);
      return sum.value();
    },
  },
});

export default kvStore;
