/** Register, map, first-writer and multi-value register, for the checks of histories. */
import * as firstRegister from "../../cells/first-register.ts";
import * as mapEntry from "../../cells/map-entry.ts";
import * as multiRegister from "../../cells/multi-register.ts";
import * as register from "../../cells/register.ts";
import { lastWords, type ModelDelta, type Operation, type Subject, type Told, told } from "./subject.ts";

export const registerSubject: Subject = {
  name: "register",
  operations: [
    (tx, index) => {
      tx.field("register", "register").set(`v${index}`);
      return { kind: "register.set", key: "", value: `v${index}` };
    },
    (tx) => {
      // Clearing what is not there is no write, so it does not win over a concurrent one.
      if (tx.field("register", "register").get() === undefined) return undefined;
      tx.field("register", "register").clear();
      return { kind: "register.set", key: "", value: undefined };
    },
  ],
  show: (document) => document.field("register", "register").get(),
  model: (deltas) => told(deltas, "register.set").at(-1)?.value,
  lattice: register,
};

export const mapSubject: Subject = {
  name: "map",
  operations: [
    (tx, index, key) => {
      tx.field("map", "map").set(key, `v${index}`);
      return { kind: "map.put", key, value: `v${index}` };
    },
    (tx, _index, key) => (tx.field("map", "map").delete(key) ? { kind: "map.put", key, value: undefined } : undefined),
  ],
  show: (document) => document.field("map", "map").entries(),
  model: (deltas) => {
    const valuesByKey = new Map(told(deltas, "map.put").map(({ key, value }) => [key, value]));
    return [...valuesByKey].filter(([, value]) => value !== undefined).sort(([a], [b]) => (a < b ? -1 : 1));
  },
  lattice: mapEntry,
};

export const firstRegisterSubject: Subject = {
  name: "first-writer register",
  operations: [setFirst(0), setFirst(1)],
  show: (document) => document.field("first-register", "first").get(),
  model: (deltas) => told(deltas, "first.set")[0]?.value,
  lattice: firstRegister,
};

export const multiRegisterSubject: Subject = {
  name: "multi-value register",
  operations: [
    (tx, index) => {
      tx.field("multi-register", "multi").set(`v${index}`);
      return { kind: "multi.set", key: "", value: `v${index}` };
    },
    (tx) => {
      tx.field("multi-register", "multi").clear();
      return { kind: "multi.set", key: "", value: undefined };
    },
    (tx) => {
      let value = "";
      tx.field("multi-register", "multi").resolve((values) => {
        value = [...values].sort().join("+");
        return value;
      });
      return { kind: "multi.set", key: "", value };
    },
  ],
  show: (document) => {
    const view = document.field("multi-register", "multi");
    return { first: view.get(), values: view.values() };
  },
  model: (deltas) => {
    const values = [...new Set(undominated(deltas).map(({ value }) => value))];
    return { first: values[0], values };
  },
  lattice: multiRegister,
};

function setFirst(value: number): Operation {
  return (tx) => (tx.field("first-register", "first").set(value) ? { kind: "first.set", key: "", value } : undefined);
}

/** The values whose delta nobody had seen who wrote or cleared, latest first. */
function undominated(deltas: readonly ModelDelta[]): Told[] {
  const words = lastWords(told(deltas, "multi.set"));
  const shown = words.filter(
    ({ delta, value }) => value !== undefined && !words.some((word) => word.delta.seen.has(delta)),
  );
  return shown.reverse();
}
