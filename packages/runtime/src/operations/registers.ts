/** Registers of one cell, counters and sets. */
import { makes, type Operation, reads, writes } from "./operation.ts";

export const REGISTER_OPERATIONS: readonly Operation[] = [
  reads("registerGet", (f) => f.view(0, "register").get()),
  writes("registerSet", (f) => f.writer(0, "register").set(f.value(1))),
  writes("registerClear", (f) => f.writer(0, "register").clear()),

  reads("firstGet", (f) => f.view(0, "first-register").get()),
  makes("firstSet", (f) => f.writer(0, "first-register").set(f.value(1))),

  reads("multiValues", (f) => f.view(0, "multi-register").values()),
  writes("multiSet", (f) => f.writer(0, "multi-register").set(f.value(1))),

  writes("counterAdd", (f) => f.writer(0, "counter", "grow-counter").add(f.number(1))),
  reads("counterValue", (f) => f.view(0, "counter", "grow-counter").value()),

  makes("setAdd", (f) => {
    const set = f.writer(0, "set", "remove-wins-set");
    const element = f.value(1);
    const isNew = !set.has(element);
    set.add(element);
    return isNew;
  }),
  makes("setRemove", (f) => f.writer(0, "set", "remove-wins-set").delete(f.value(1))),
  reads("setHas", (f) => f.view(0, "set", "remove-wins-set").has(f.value(1))),
  reads("setValues", (f) => {
    const set = f.view(0, "set", "remove-wins-set");
    f.walk(set.size);
    return set.values();
  }),
  reads("setSize", (f) => f.view(0, "set", "remove-wins-set").size),
];
