/**
 * What the guide claimed to measure: documents through the public API, to their acknowledgement, in each store. A write
 * is signed, and durable when it counts: in LMDB that is a flush of the device. The browser's store is measured in a
 * browser, by the tests of `packages/store`.
 */

import { Samples } from "../cases/samples.ts";
import { documents, openBenchDatabase, type StoreName } from "../database/open-bench-database.ts";
import { check, keep } from "../measure.ts";
import { type Row, type Target, toRow } from "../row.ts";
import type { Suite } from "../suite.ts";
import { lineToRow } from "./map-rows.ts";

const SUITE = "real";
const COUNT = 1000;
const MANY = 10_000;

/** The guide's own: 1000 documents under 2 ms in memory, a batch of 10,000 under 10 ms. */
const MEMORY_TARGETS: { readonly [figure: string]: Target } = {
  insertMany: { valueAtMost: 2 },
  updateMany10k: { valueAtMost: 10 },
};

export const real: Suite = {
  name: SUITE,
  about: "documents through the public API, to their acknowledgement, in each store",
  async run({ isQuick }) {
    const rows: Row[] = [];
    for (const store of ["memory", "lmdb"] as const) rows.push(...(await storeRows(store, isQuick ? 3 : 9)));
    return rows;
  },
};

async function storeRows(store: StoreName, runs: number): Promise<Row[]> {
  const samples = new Samples();
  await using bench = await openBenchDatabase(store);
  const { plain } = bench;
  for (let run = 0; run < runs; run++) {
    const ids = documents(COUNT, `many${run}`).map(({ id }) => id);
    await samples.timeAsync("insertMany", () => plain.insertMany(documents(COUNT, `many${run}`)));
    await samples.timeAsync("insertConcurrent", () =>
      Promise.all(documents(COUNT, `concurrent${run}`).map((document) => plain.insert(document))),
    );
    await samples.timeAsync("insertAwaited", async () => {
      for (const document of documents(COUNT / 10, `awaited${run}`)) await plain.insert(document);
    });
    await samples.timeAsync("getEach", async () => {
      for (const id of ids) keep(await plain.get(id));
    });
    const got = await samples.timeAsync("getMany", () => plain.getMany(ids));
    check(
      got.every((document) => document !== undefined),
      `${COUNT} documents read`,
    );
    await samples.timeAsync("updateMany", () => plain.updateMany(ids, { version: -run - 1 }));
    check((await plain.get(ids[0] as string))?.version === -run - 1, "the documents were updated");
    const deleted = await samples.timeAsync("deleteMany", () => plain.deleteMany(ids));
    check(deleted === COUNT, `${COUNT} documents deleted`);
    timePlain(samples, run);
  }
  await timeLarge(bench, samples, runs);
  return toRows(store, samples);
}

async function timeLarge({ plain }: Awaited<ReturnType<typeof openBenchDatabase>>, samples: Samples, runs: number) {
  const all = documents(MANY, "large");
  await plain.insertMany(all);
  const ids = all.map(({ id }) => id);
  for (let run = 0; run < runs; run++) {
    await samples.timeAsync("updateMany10k", () => plain.updateMany(ids, { version: -run - 1 }));
  }
}

/** The reference: a `Map` of JSON, which neither merges nor is durable. */
function timePlain(samples: Samples, run: number): void {
  const entries = new Map<string, string>();
  samples.time("plainSet", () => {
    for (const document of documents(COUNT, `many${run}`)) entries.set(document.id, JSON.stringify(document));
  });
  samples.time("plainGet", () => {
    for (const json of entries.values()) keep(JSON.parse(json));
  });
}

function toRows(store: StoreName, { figures }: Samples): Row[] {
  const lines: readonly (readonly [figure: string, name: string, reference: string])[] = [
    ["insertMany", `insertMany x${COUNT}`, "plainSet"],
    ["insertConcurrent", `${COUNT} inserts at once`, "plainSet"],
    ["insertAwaited", `${COUNT / 10} inserts, one after another`, "plainSet"],
    ["getEach", `${COUNT} gets, one after another`, "plainGet"],
    ["getMany", `getMany x${COUNT}`, "plainGet"],
    ["updateMany", `updateMany x${COUNT}`, "plainSet"],
    ["updateMany10k", `updateMany x${MANY}`, "plainSet"],
    ["deleteMany", `deleteMany x${COUNT}`, "plainSet"],
  ];
  const rows = lines.map(([figure, name, reference]) => {
    const target = store === "memory" ? MEMORY_TARGETS[figure] : undefined;
    const line = { name: `${name}, ${store}`, figure, reference: [`Map of JSON x${COUNT}`, reference] as const };
    return lineToRow(SUITE, target ? { ...line, target } : line, figures);
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
