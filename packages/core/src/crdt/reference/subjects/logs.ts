/** Logs, for the checks of histories: everything that was ever appended, by stamp and actor. */
import { bytesToHex, utf8, utf8ToString } from "../../../base/index.ts";
import * as logEntry from "../../cells/log-entry.ts";
import { type Subject, told } from "./subject.ts";

export const logSubject: Subject = {
  name: "log",
  operations: [
    (tx, index) => {
      tx.field("log", "log").append(utf8(`e${index}`));
      return { kind: "log.append", key: "", value: `e${index}` };
    },
  ],
  show: (document) => {
    const log = document.field("log", "log");
    const entries = log.keys().flatMap((key) => log.get(key) ?? []);
    return entries.map(({ member, bytes }) => [bytesToHex(member), utf8ToString(bytes)]);
  },
  model: (deltas) => told(deltas, "log.append").map(({ delta, value }) => [bytesToHex(delta.member), value]),
  lattice: logEntry,
};
