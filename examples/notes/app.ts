/**
 * Notes: shared documents, tallies, settings and tags. The example application: one file, no build step of its own.
 */
import { type Application, app, counter, map, payload, register, set, text } from "@dunlin/sdk";

/** At `position`, `deleteCount` units go and `inserted` comes. Positions are in UTF-16 units. */
type Edit = [position: number, deleteCount: number, inserted: string];

type EditRequest = { document: string; edits: Edit[]; length?: number };

const EDITS_MAX = 100;

const notes: Application = app({
  name: "notes",
  version: "1.0.0",
  state: {
    documents: map(text()),
    tallies: map(counter()),
    settings: map(register<string>()),
    tags: set<string>(),
  },
  events: {
    Edited: payload<{ document: string; edits: number; length: number }>(),
    Tallied: payload<{ name: string; by: number }>(),
    Put: payload<{ key: string }>(),
    Tagged: payload<{ tag: string; present: boolean }>(),
  },
  queries: {
    read(state, { document }: { document: string }): string {
      return state.documents.get(document)?.toString() ?? "";
    },
    length(state, { document }: { document: string }): number {
      return state.documents.get(document)?.length() ?? 0;
    },
    documents(state): string[] {
      return state.documents.keys();
    },
    tallies(state): Record<string, number> {
      return Object.fromEntries(state.tallies.entries().map(([name, tally]) => [name, tally.value()]));
    },
    get(state, { key }: { key: string }): string | null {
      return state.settings.get(key) ?? null;
    },
    settings(state): Record<string, string> {
      return Object.fromEntries(state.settings.entries());
    },
    tags(state): string[] {
      return state.tags.values();
    },
  },
  mutations: {
    /**
     * Applies up to 100 edits in order, each to the text that the one before it left. With `length`, only when the
     * text is that long: positions that were meant for another text change nothing.
     */
    edit(state, { document, edits, length: expected }: EditRequest, ctx): { length: number; applied: boolean } {
      if (edits.length > EDITS_MAX) throw new RangeError(`at most ${EDITS_MAX} edits in one call`);
      const found = state.documents.get(document)?.length() ?? 0;
      if (expected !== undefined && found !== expected) return { length: found, applied: false };
      const body = state.documents.ensure(document);
      for (const [position, deleteCount, inserted] of edits) {
        if (deleteCount > 0) body.delete(position, deleteCount);
        if (inserted !== "") body.insert(position, inserted);
      }
      const length = body.length();
      ctx.emit("Edited", { document, edits: edits.length, length });
      return { length, applied: true };
    },
    tally(state, { name, by }: { name: string; by: number }, ctx): { value: number } {
      const tally = state.tallies.ensure(name);
      tally.add(by);
      ctx.emit("Tallied", { name, by });
      return { value: tally.value() };
    },
    put(state, { key, value }: { key: string; value: string }, ctx): void {
      state.settings.set(key, value);
      ctx.emit("Put", { key });
    },
    tag(state, { tag, present }: { tag: string; present: boolean }, ctx): void {
      if (present) state.tags.add(tag);
      else state.tags.delete(tag);
      ctx.emit("Tagged", { tag, present });
    },
  },
});

export default notes;
