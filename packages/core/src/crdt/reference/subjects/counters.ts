/** The counters, for the checks of histories. */
import * as counterEntry from "../../cells/counter-entry.ts";
import * as growEntry from "../../cells/grow-entry.ts";
import { type Model, type Operation, type Subject, told } from "./subject.ts";

export const counterSubject: Subject = {
  name: "counter",
  operations: [add("counter", 1), add("counter", -2)],
  show: (document) => document.field("counter", "counter").value(),
  model: sum("counter.add"),
  lattice: counterEntry,
};

export const growCounterSubject: Subject = {
  name: "growing counter",
  operations: [add("grow-counter", 1), add("grow-counter", 3)],
  show: (document) => document.field("grow-counter", "grow-counter").value(),
  model: sum("grow-counter.add"),
  lattice: growEntry,
};

function add(type: "counter" | "grow-counter", value: number): Operation {
  return (tx) => {
    tx.field(type, type).add(value);
    return { kind: `${type}.add`, key: "", value };
  };
}

function sum(kind: string): Model {
  return (deltas) => told(deltas, kind).reduce((total, { value }) => total + Number(value), 0);
}
