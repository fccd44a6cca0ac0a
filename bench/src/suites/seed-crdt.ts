/**
 * The guide's 28 figures: the exact work of each line, by the id that it has in the original's benchmark file; then the
 * work that three of its lines name and do not do; then its regression test as written.
 */

import type { Sampling } from "../measure.ts";
import { type AsyncWork, measureAsync } from "../measure-async.ts";
import { getFromMap, REFERENCE_NAME } from "../reference/plain-work.ts";
import { type Row, toRow } from "../row.ts";
import { exactComparisons } from "../seed/exact-work.ts";
import { NAMED_NATIVE_US } from "../seed/figures.ts";
import { getFromStore, plainGetFromStore, plainSetInStore, setInStore } from "../seed/named-work.ts";
import { freshMerges, plainFreshMerges } from "../seed/regression-work.ts";
import { getFromDocumentMap } from "../subject.ts";
import { compare, ofTiming, type Suite } from "../suite.ts";

const SUITE = "seed-crdt";
const SIZES = [10, 100, 1000] as const;

export const seedCrdt: Suite = {
  name: SUITE,
  about: "the 28 figures of the performance guide, with their exact work",
  async run(sampling) {
    const rows = exactComparisons().map((comparison) => compare(SUITE, comparison, sampling));
    for (const count of SIZES) rows.push(collectionRow(count, sampling));
    for (const count of SIZES)
      rows.push(await storageRow(`storage set/${count}`, [setInStore(count), plainSetInStore(count)], sampling));
    for (const count of SIZES)
      rows.push(await storageRow(`storage get/${count}`, [getFromStore(count), plainGetFromStore(count)], sampling));
    rows.push(regressionRow(sampling));
    return rows;
  },
};

function collectionRow(count: number, sampling: Sampling): Row {
  const id = `collection get/${count}`;
  return compare(
    SUITE,
    {
      name: `${id}, of a map`,
      subject: getFromDocumentMap(count),
      reference: getFromMap(count),
      referenceName: REFERENCE_NAME,
      note: namedNote(id),
      work: "getFromDocumentMap, getFromMap",
    },
    sampling,
  );
}

async function storageRow(id: string, works: readonly AsyncWork[], sampling: Sampling): Promise<Row> {
  const [own, plain] = await measureAsync(works, sampling);
  if (!own || !plain) throw new Error("two works have two timings");
  return toRow({
    suite: SUITE,
    name: `${id}, in the memory store`,
    unit: "us",
    ...ofTiming(own),
    samplesAsked: sampling.samples,
    reference: { name: "Map of JSON", value: plain.minUs },
    note: namedNote(id),
    work: "seed/named-work.ts",
    ...(id === "storage set/1000" ? { target: { valueAtMost: 2000 } } : {}),
  });
}

function namedNote(id: string): string {
  return `the work of its name; the original's own code takes ${NAMED_NATIVE_US[id]} us natively`;
}

/** One register takes in 1000 new ones: the guide wants it under a millisecond. */
function regressionRow(sampling: Sampling): Row {
  return compare(
    SUITE,
    {
      name: "test_performance_regression",
      subject: freshMerges(1000),
      reference: plainFreshMerges(1000),
      referenceName: REFERENCE_NAME,
      quoted: { guide: 1000, native: 350 },
      work: "seed/regression-work.ts",
      target: { valueAtMost: 1000 },
    },
    sampling,
  );
}
