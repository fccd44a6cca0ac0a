/** User entries and frozen entries, for the checks of histories. */
import { bytesToHex } from "../../../base/index.ts";
import * as frozenEntry from "../../cells/frozen-entry.ts";
import * as userEntry from "../../cells/user-entry.ts";
import { type Operation, type Subject, told } from "./subject.ts";

export const userEntriesSubject: Subject = {
  name: "user entries",
  operations: [
    (tx, index) => {
      tx.field("user-entries", "users").set(`v${index}`);
      return { kind: "users.set", key: "", value: `v${index}` };
    },
    (tx) => {
      if (tx.field("user-entries", "users").own() === undefined) return undefined;
      tx.field("user-entries", "users").clear();
      return { kind: "users.set", key: "", value: undefined };
    },
  ],
  show: (document) => {
    const all = document.field("user-entries", "users").all();
    return all.map(([member, value]) => [bytesToHex(member), value]);
  },
  model: (deltas) => {
    const words = told(deltas, "users.set");
    const valuesByMember = new Map(words.map(({ delta, value }) => [bytesToHex(delta.member), value]));
    return [...valuesByMember].filter(([, value]) => value !== undefined).sort(([a], [b]) => (a < b ? -1 : 1));
  },
  lattice: userEntry,
};

export const frozenEntriesSubject: Subject = {
  name: "frozen entries",
  operations: [put("a"), put("b")],
  show: (document) => {
    const entries = document.field("frozen-entries", "frozen").entries();
    return entries.map(([, value]) => value).sort();
  },
  model: (deltas) => [...new Set(told(deltas, "frozen.put").map(({ key }) => key))].sort(),
  lattice: frozenEntry,
};

function put(key: string): Operation {
  return (tx) => {
    tx.field("frozen-entries", "frozen").put(key);
    return { kind: "frozen.put", key, value: undefined };
  };
}
