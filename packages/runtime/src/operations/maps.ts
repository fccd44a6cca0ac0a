/** Maps, and what opens a container beneath them. */
import { makes, type Operation, reads, writes } from "./operation.ts";

export const MAP_OPERATIONS: readonly Operation[] = [
  makes("child", (f) => {
    const type = f.type(2);
    return f.open(type, f.writer(0, "map").child(type, f.key(1)));
  }),
  reads("peek", (f) => {
    const type = f.type(2);
    const child = f.view(0, "map").nested(type, f.key(1));
    return child === undefined ? 0 : f.open(type, child);
  }),
  reads("mapGet", (f) => f.view(0, "map").get(f.key(1))),
  writes("mapSet", (f) => f.writer(0, "map").set(f.key(1), f.value(2))),
  makes("mapDelete", (f) => f.writer(0, "map").delete(f.key(1))),
  reads("mapHas", (f) => f.view(0, "map").has(f.key(1))),
  reads("mapKeys", (f) => {
    const map = f.view(0, "map");
    f.walk(map.size);
    return map.keys();
  }),
  reads("mapEntries", (f) => {
    const map = f.view(0, "map");
    f.walk(map.size);
    return map.entries();
  }),
  reads("mapSize", (f) => f.view(0, "map").size),
];
