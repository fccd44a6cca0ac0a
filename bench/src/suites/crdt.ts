/** Registers, maps and counters: the exact work of the leptos-sync-core 0.3 benchmarks, against its plain port. */
import {
  createRegisters,
  fillMap,
  getDocuments,
  getFromMap,
  incrementCounter,
  insertIntoMap,
  mergeMaps,
  mergeRegisters,
  REFERENCE_NAME,
  setDocuments,
} from "../reference/plain-work.ts";
import { getFromDocumentMap, incrementDocumentCounter, insertIntoDocumentMap } from "../subject.ts";
import { type Comparison, compare, type Suite } from "../suite.ts";

const COMPARISONS: readonly Comparison[] = [
  { subject: incrementDocumentCounter(10_000), reference: incrementCounter(10_000) },
  { subject: insertIntoDocumentMap(10_000), reference: insertIntoMap(10_000) },
  { subject: getFromDocumentMap(10_000), reference: getFromMap(10_000) },
  { reference: createRegisters(1000) },
  { reference: mergeRegisters(1000) },
  { reference: mergeMaps(1000) },
  { reference: fillMap(100) },
  { reference: setDocuments(1000) },
  { reference: getDocuments(1000) },
].map((comparison) => ({ ...comparison, referenceName: REFERENCE_NAME }));

export const crdt: Suite = {
  name: "crdt",
  about: "registers, maps and counters against a plain port",
  run: (sampling) => COMPARISONS.map((comparison) => compare("crdt", comparison, sampling)),
};
