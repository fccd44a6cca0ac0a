/** Containers in a map, created, written, deleted and replaced, for the checks of histories: no model, but they join. */
import type { Views } from "../../handles/handles.ts";
import type { MapView } from "../../handles/map.ts";
import type { Subject } from "./subject.ts";

const FIELD = "nested";

export const nestedSubject: Subject = {
  name: "nested containers",
  operations: [
    (tx, index, key) => {
      tx.field("map", FIELD)
        .child("counter", key)
        .add(index + 1);
      return undefined;
    },
    (tx, index, key) => {
      tx.field("map", FIELD).child("map", key).set("deep", index);
      return undefined;
    },
    (tx, _index, key) => {
      tx.field("map", FIELD).delete(key);
      return undefined;
    },
  ],
  show: (document) => shown(document.field("map", FIELD)),
  model: undefined,
  lattice: undefined,
};

/** Everything below a map, conflicts included. */
function shown(map: MapView<Views>): unknown {
  return map.keys().map((key) => {
    const nested = map.nested("map", key);
    const value = nested === undefined ? (map.get(key) ?? map.nested("counter", key)?.value()) : shown(nested);
    return [key, map.kindOf(key), value, map.conflicts(key)];
  });
}
