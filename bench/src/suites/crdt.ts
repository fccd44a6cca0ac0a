/**
 * Registers, maps and counters: the exact work of the leptos-sync-core 0.3 benchmarks, against its plain port; then a
 * map of 100,000 entries and recorded editing histories. Rows named "cells" are the data structure alone, all others go
 * through documents and transactions.
 */
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
import type { Target } from "../row.ts";
import {
  createRegisterCells,
  getFromDocumentMap,
  incrementDocumentCounter,
  insertIntoDocumentMap,
  mergeRegisterCells,
} from "../subject.ts";
import { type Comparison, compare, type Suite } from "../suite.ts";
import { listRows } from "./list-rows.ts";
import { mapRows } from "./map-rows.ts";
import { textRows } from "./text-rows.ts";

const NO_SLOWER: Target = { atMost: 1 };

const COMPARISONS: readonly Comparison[] = [
  { subject: createRegisterCells(1000), reference: createRegisters(1000), target: NO_SLOWER },
  { subject: mergeRegisterCells(1000), reference: mergeRegisters(1000), target: NO_SLOWER },
  { subject: incrementDocumentCounter(10_000), reference: incrementCounter(10_000), target: NO_SLOWER },
  { subject: insertIntoDocumentMap(10_000), reference: insertIntoMap(10_000), target: NO_SLOWER },
  { subject: getFromDocumentMap(10_000), reference: getFromMap(10_000) },
  { reference: mergeMaps(1000) },
  { reference: fillMap(100) },
  { reference: setDocuments(1000) },
  { reference: getDocuments(1000) },
].map((comparison) => ({ ...comparison, referenceName: REFERENCE_NAME }));

export const crdt: Suite = {
  name: "crdt",
  about: "registers, maps, counters, texts, lists and the state's root",
  run: (sampling) => [
    ...COMPARISONS.map((comparison) => compare("crdt", comparison, sampling)),
    ...mapRows("crdt", sampling),
    ...textRows("crdt", sampling),
    ...listRows("crdt", sampling),
  ],
};
