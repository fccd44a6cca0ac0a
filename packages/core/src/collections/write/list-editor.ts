/** The editor of a field that is a list: its values are checked as they are written, as those of a register are. */
import type { ListWriter, Value } from "../../crdt/index.ts";
import type { ListEditor } from "../schema/editors.ts";

/** Values handed over in one call: far from where the engine's stack ends. */
const VALUES_PER_CALL = 1_000;

/** `check` gives the checked value, or throws. */
export function listEditor(writer: ListWriter, check: (value: Value) => Value): ListEditor<Value> {
  return {
    writer,
    get length() {
      return writer.length;
    },
    get: (index) => writer.get(index),
    toArray: () => writer.toArray(),
    [Symbol.iterator]: () => writer[Symbol.iterator](),
    insert: (index, ...values) => writer.insert(index, ...values.map(check)),
    push: (...values) => writer.push(...values.map(check)),
    set: (index, value) => writer.set(index, check(value)),
    delete: (index, count) => writer.delete(index, count),
    move: (from, to) => writer.move(from, to),
  };
}

export function pushAll(writer: ListWriter, values: readonly Value[]): void {
  for (let i = 0; i < values.length; i += VALUES_PER_CALL) writer.push(...values.slice(i, i + VALUES_PER_CALL));
}
