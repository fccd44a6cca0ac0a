/** What `shared.ts` becomes: its entries are kept, and can be listed; a new field begins empty. */
import { type Application, app, counter, map, register } from "@dunlin/sdk";

const shared: Application = app({
  name: "shared",
  version: "2.0.0",
  state: { entries: map(register<string>()), puts: counter() },
  queries: {
    get: (state, { key }: { key: string }): string | null => state.entries.get(key) ?? null,
    all: (state): Record<string, string> => Object.fromEntries(state.entries.entries()),
    puts: (state): number => state.puts.value(),
  },
  mutations: {
    put(state, { key, value }: { key: string; value: string }): void {
      state.entries.set(key, value);
      state.puts.add(1);
    },
  },
});

// biome-ignore lint/style/noDefaultExport: this is what an application file exports
export default shared;
