/** What the end-to-end tests share: a counter, entries by key, and one method for each thing that a node must survive. */
import {
  type Application,
  app,
  type ContainerMap,
  type Counter,
  counter,
  map,
  payload,
  type ReadonlyCounter,
  register,
} from "@dunlin/sdk";

function countHandled(
  state: { readonly handled: ContainerMap<ReadonlyCounter, Counter> },
  { by }: { by: string },
): void {
  state.handled.ensure(by).add(1);
}

const shared: Application = app({
  name: "shared",
  version: "1.0.0",
  state: { hits: counter(), entries: map(register<string>()), handled: map(counter()) },
  events: { Put: payload<{ key: string }>(), Poked: payload<{ by: string }>() },
  queries: {
    value: (state): number => state.hits.value(),
    get: (state, { key }: { key: string }): string | null => state.entries.get(key) ?? null,
    keys: (state): string[] => state.entries.keys(),
    handled: (state, { by }: { by: string }): number => state.handled.get(by)?.value() ?? 0,
    hugeAnswer: (): string => "x".repeat(2 * 1024 * 1024),
  },
  mutations: {
    add(state, { by }: { by: number }): number {
      state.hits.add(by);
      return state.hits.value();
    },
    put(state, { key, value }: { key: string; value: string }, ctx): void {
      state.entries.set(key, value);
      ctx.emit("Put", { key });
    },
    /** Tells an event for a handler of each policy. */
    poke(_state, _args: Record<never, never>, ctx): void {
      for (const by of ["onReceivers", "onAuthor", "onOne"]) ctx.emit("Poked", { by }, { handler: by });
    },
    /** Tells of itself, for ever: until its depth ends it. */
    circle(state, _args: { by?: string }, ctx): void {
      state.hits.add(1);
      ctx.emit("Poked", { by: "circle" }, { handler: "circle" });
    },
    onReceivers: countHandled,
    onAuthor: countHandled,
    onOne: countHandled,
    /** Writes, and throws: the write must not stay. */
    throwLate(state): void {
      state.hits.add(1000);
      throw new Error("as the test wants it");
    },
    spin(state): void {
      state.hits.add(1000);
      for (;;);
    },
    /** Minutes inside one built-in, which never looks at the clock: only the end of its thread ends it. */
    holdUp(state): number {
      state.hits.add(1000);
      return "a".repeat(4_000_000).indexOf(`${"a".repeat(2_000_000)}b`);
    },
    hoard(state): void {
      state.hits.add(1000);
      const kept: string[] = [];
      for (;;) kept.push("x".repeat(100_000) + kept.length);
    },
    nest(state): number {
      state.hits.add(1000);
      const again = (depth: number): number => again(depth + 1) + 1;
      return again(0);
    },
    hugeWrite(state): void {
      for (let i = 0; i < 3; i++) state.entries.set(`huge${i}`, "x".repeat(500_000));
    },
  },
  handlers: { circle: "author", onAuthor: "author", onOne: "one" },
});

// biome-ignore lint/style/noDefaultExport: this is what an application file exports
export default shared;
