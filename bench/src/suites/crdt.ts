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
import { type Comparison, compare, type Suite } from "../suite.ts";

const COMPARISONS: readonly Comparison[] = [
  createRegisters(1000),
  mergeRegisters(1000),
  incrementCounter(10_000),
  insertIntoMap(10_000),
  getFromMap(10_000),
  mergeMaps(1000),
  fillMap(100),
  setDocuments(1000),
  getDocuments(1000),
].map((reference) => ({ reference, referenceName: REFERENCE_NAME }));

export const crdt: Suite = {
  name: "crdt",
  about: "registers, maps and counters against a plain port",
  run: (sampling) => COMPARISONS.map((comparison) => compare("crdt", comparison, sampling)),
};
