/** Documents through the public API, to their acknowledgement, and rows of the store alone: in Node and in browsers. */
import { runLoaded } from "@dunlin/core/base";
import { Samples } from "../cases/samples.ts";
import { check, keep } from "../measure.ts";
import { readRow, setRows } from "../seed/rows.ts";
import { type BenchDatabase, documents } from "./bench-database.ts";

export const COUNT = 1000;
export const MANY = 10_000;
/** Documents of a query for a range. */
export const PAGE = 50;

export async function timeDocuments(bench: BenchDatabase, runs: number): Promise<Samples["figures"]> {
  const samples = new Samples();
  for (let run = 0; run < runs; run++) {
    await timeRows(bench, samples, run);
    await timeThousand(bench, samples, run);
    timePlain(samples, run);
  }
  await timeLarge(bench, samples, runs);
  return samples.figures;
}

/** Without documents, deltas and signatures: what the store itself takes. */
async function timeRows({ rows }: BenchDatabase, samples: Samples, run: number): Promise<void> {
  await samples.timeAsync("setRows", () => setRows(rows, COUNT, `row${run}`));
  await samples.timeAsync("getRows", async () => {
    await runLoaded(rows, () => {
      for (let i = 0; i < COUNT; i++) keep(readRow(rows, `row${run}`, i));
    });
  });
}

async function timeThousand({ plain }: BenchDatabase, samples: Samples, run: number): Promise<void> {
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
}

async function timeLarge({ plain, indexed }: BenchDatabase, samples: Samples, runs: number): Promise<void> {
  const all = documents(MANY, "large");
  await plain.insertMany(all);
  await indexed.insertMany(all);
  const ids = all.map(({ id }) => id);
  for (let run = 0; run < runs; run++) {
    await samples.timeAsync("updateMany10k", () => plain.updateMany(ids, { version: -run - 1 }));
    const version = 1 + run * 997;
    const one = await samples.timeAsync("queryOne", () => indexed.query({ where: { version } }).page());
    check(one.documents[0]?.id === `large_${version}`, "the document was found");
    const range = { version: { gte: version } };
    const page = await samples.timeAsync("queryRange", () => indexed.query({ range, limit: PAGE }).page());
    check(page.documents.length === PAGE, `${PAGE} documents were found`);
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
