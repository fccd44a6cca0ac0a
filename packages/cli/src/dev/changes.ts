/** What one version of an application offers and the one before did not, and the other way round. */
import type { Abi } from "@dunlin/runtime";

/** One a line: `+ query all`, `- mutation poke`, `~ field entries: text, was map`. */
export function changesOf(before: Abi | undefined, after: Abi | undefined): readonly string[] {
  if (!before || !after) return [];
  const [old, now] = [offersOf(before), offersOf(after)];
  const added = [...now].flatMap(([name, kind]) => (old.has(name) ? [] : [`+ ${kind} ${name}`]));
  const removed = [...old].flatMap(([name, kind]) => (now.has(name) ? [] : [`- ${kind} ${name}`]));
  const changed = [...now].flatMap(([name, kind]) => {
    const was = old.get(name);
    return was === undefined || was === kind ? [] : [`~ ${kind} ${name}, was ${was}`];
  });
  return [...added, ...removed, ...changed, ...fieldChanges(before, after)];
}

function offersOf({ methods, events }: Abi): ReadonlyMap<string, string> {
  return new Map([
    ...methods.map(({ name, kind }) => [name, kind] as const),
    ...events.map(({ name }) => [name, "event"] as const),
  ]);
}

/** A field of another type is another field: what the old one held is kept, and not found under the new one. */
function fieldChanges(before: Abi, after: Abi): readonly string[] {
  const [old, now] = [before, after].map(({ state }) => new Map(state.map(({ name, type }) => [name, type])));
  const lines = [...(now ?? [])].flatMap(([name, type]) => {
    const was = old?.get(name);
    if (was === undefined) return [`+ field ${name}: ${type}`];
    return was === type ? [] : [`~ field ${name}: ${type}, was ${was}: it begins empty`];
  });
  const gone = [...(old ?? [])].flatMap(([name]) => (now?.has(name) ? [] : [`- field ${name}: kept, and not shown`]));
  return [...lines, ...gone];
}
