/** What `shared.ts` becomes later: entries hold how long they are beside what they say. */
import { type Application, app, map, payload, register } from "@dunlin/sdk";

type Entry = { text: string; length: number };

const shared: Application = app({
  name: "shared",
  version: "3.0.0",
  state: { entries: map(register<string>()), measured: map(register<Entry>()), from: register<string>() },
  events: { Migrated: payload<{ entries: number }>() },
  queries: {
    measured: (state): Record<string, Entry> => Object.fromEntries(state.measured.entries()),
    from: (state): string | null => state.from.get() ?? null,
  },
  migrate(state, { version }, ctx) {
    ctx.require("admin");
    for (const [key, text] of state.entries.entries()) {
      if (text === "not to be migrated") throw new Error(`${key} is not to be migrated`);
      state.measured.set(key, { text, length: text.length });
      state.entries.delete(key);
    }
    state.from.set(version ?? "unknown");
    ctx.emit("Migrated", { entries: state.measured.size() });
  },
});

// biome-ignore lint/style/noDefaultExport: this is what an application file exports
export default shared;
