/**
 * What the guide claimed to measure: documents through the public API, to their acknowledgement, in each store. A write
 * is signed, and durable when it counts: in LMDB that is a flush of the device, in IndexedDB a transaction of strict
 * durability, in a real browser.
 */
import { inChromium } from "../browser/in-chromium.ts";
import { COUNT, MANY, PAGE, timeDocuments } from "../database/document-works.ts";
import { type NodeStoreName, openBenchDatabase } from "../database/open-bench-database.ts";
import type { Figures } from "../isolated.ts";
import { type Row, type Target, toRow } from "../row.ts";
import type { Suite } from "../suite.ts";
import { lineToRow } from "./map-rows.ts";

const SUITE = "real";

/** The guide's own: 1000 documents under 2 ms in memory, a batch of 10,000 under 10 ms. */
const MEMORY_TARGETS: { readonly [figure: string]: Target } = {
  setRows: { valueAtMost: 2 },
  insertMany: { valueAtMost: 2 },
  updateMany10k: { valueAtMost: 10 },
};

export const real: Suite = {
  name: SUITE,
  about: "documents through the public API, to their acknowledgement, in each store",
  async run({ isQuick }) {
    const runs = isQuick ? 3 : 9;
    const rows: Row[] = [];
    for (const store of ["memory", "lmdb"] as const) rows.push(...toRows(store, await inNode(store, runs)));
    const figures = await inChromium(runs);
    if (figures === undefined) console.error("real: there is no Chromium, so IndexedDB is left out");
    else rows.push(...toRows("IndexedDB", figures));
    return rows;
  },
};

async function inNode(store: NodeStoreName, runs: number): Promise<Figures> {
  await using bench = await openBenchDatabase(store);
  return await timeDocuments(bench, runs);
}

function toRows(store: string, figures: Figures): Row[] {
  const lines: readonly (readonly [figure: string, name: string, reference?: string])[] = [
    ["setRows", `store alone, set x${COUNT}`, "plainSet"],
    ["getRows", `store alone, get x${COUNT}`, "plainGet"],
    ["insertMany", `insertMany x${COUNT}`, "plainSet"],
    ["insertConcurrent", `${COUNT} inserts at once`, "plainSet"],
    ["insertAwaited", `${COUNT / 10} inserts, one after another`, "plainSet"],
    ["getEach", `${COUNT} gets, one after another`, "plainGet"],
    ["getMany", `getMany x${COUNT}`, "plainGet"],
    ["updateMany", `updateMany x${COUNT}`, "plainSet"],
    ["updateMany10k", `updateMany x${MANY}`, "plainSet"],
    ["deleteMany", `deleteMany x${COUNT}`, "plainSet"],
    ["queryOne", `query for one of ${MANY} by index`],
    ["queryRange", `query for a range of ${PAGE} of ${MANY} by index`],
  ];
  const rows = lines.map(([figure, name, reference]) => {
    const target = store === "memory" ? MEMORY_TARGETS[figure] : undefined;
    return lineToRow(
      SUITE,
      {
        name: `${name}, ${store}`,
        figure,
        ...(reference === undefined ? {} : { reference: [`Map of JSON x${COUNT}`, reference] as const }),
        ...(target === undefined ? {} : { target }),
      },
      figures,
    );
  });
  const best = (figure: string): number => Math.min(...(figures[figure] ?? []));
  const times = (name: string, value: number, valueAtLeast: number): Row =>
    toRow({ suite: SUITE, name: `${name}, ${store}`, value, unit: "times", target: { valueAtLeast } });
  return [
    ...rows,
    times("insertMany is faster than inserts one after another", (best("insertAwaited") * 10) / best("insertMany"), 30),
    times("insertMany is faster than inserts at once", best("insertConcurrent") / best("insertMany"), 3),
  ];
}
