/**
 * What an item costs as a collection grows: 10,000, 100,000 and a million indexed documents in the memory store, written
 * by thousands, and single operations among them. Cost that does not grow has the exponent 1 for the whole, 0 for one.
 *
 * Single operations are timed one by one, in several passes; a quantile is that of the best pass. What else runs on the
 * machine takes the processor away for longer than any of them lasts, so a time is the lesser of the clock's and the
 * processor's; nothing here waits for a device.
 */
import { createMemoryStore } from "@dunlin/store/memory";
import { type BenchDatabase, documents } from "../database/bench-database.ts";
import { openBenchDatabase } from "../database/open-bench-database.ts";
import { fittedExponent } from "../fit.ts";
import { check, keep } from "../measure.ts";
import { type Row, type Target, toRow } from "../row.ts";
import { readRow, setRows } from "../seed/rows.ts";
import type { Suite } from "../suite.ts";

const SUITE = "scale";
const SIZES = [10_000, 100_000, 1_000_000] as const;
const BATCH = 1000;
const SINGLES = 500;
const PASSES = 6;
const PAGE = 50;
const WARM_UP = 3000;

interface Figure {
  readonly name: string;
  readonly unit: "us";
  readonly target?: Target;
  /** Whether cost per item must not grow, by its exponent and from the least size to the greatest; else not said. */
  readonly isFlat?: boolean;
}

const EXPONENT_MAX = 0.1;
const GROWTH_MAX = 2.5;

/** The flat ones are those that the design names; a get beyond the cache of records decodes, and may cost more. */
const FIGURES: { readonly [figure: string]: Figure } = {
  insert: { name: "insertMany, per item", unit: "us", isFlat: true },
  rowSet: { name: "store alone, set in thousands, per row", unit: "us", isFlat: true },
  rowGet: { name: "store alone, get, per row", unit: "us", isFlat: true },
  get: { name: "get, median", unit: "us", isFlat: false },
  getP99: { name: "get, p99", unit: "us", target: { valueAtMost: 1000 } },
  write: { name: "update, median", unit: "us", isFlat: true },
  writeP99: { name: "update, p99", unit: "us", target: { valueAtMost: 1000 } },
  equal: { name: "query for one by index, median", unit: "us", target: { valueAtMost: 1000 } },
  equalP99: { name: "query for one by index, p99", unit: "us", target: { valueAtMost: 1000 } },
  range: { name: `query for a range of ${PAGE} by index, median`, unit: "us", target: { valueAtMost: 1000 } },
};

export const scale: Suite = {
  name: SUITE,
  about: "cost per item at 10k, 100k and 1M documents, with the exponent of its growth",
  async run({ isQuick }) {
    await measureSize(WARM_UP);
    const sizes = isQuick ? SIZES.slice(0, 2) : SIZES;
    const measured: (readonly [size: number, costs: Costs])[] = [];
    for (const size of sizes) measured.push([size, await measureSize(size)]);
    return Object.entries(FIGURES).flatMap(([figure, known]) => figureRows(figure, known, measured));
  },
};

type Costs = Readonly<Record<string, number>>;

function figureRows(
  figure: string,
  { name, unit, target, isFlat }: Figure,
  measured: readonly (readonly [size: number, costs: Costs])[],
): Row[] {
  const costs = measured.map(([size, all]) => [size, all[figure] ?? Number.NaN] as const);
  const rows = costs.map(([size, value]) =>
    toRow({ suite: SUITE, name: `${name}, at ${size}`, value, unit, ...(target ? { target } : {}) }),
  );
  if (isFlat === undefined) return rows;
  const [first = [0, Number.NaN], last = first] = [costs[0], costs.at(-1)];
  const atMost = (valueAtMost: number): { readonly target?: Target } => (isFlat ? { target: { valueAtMost } } : {});
  const exponent = { value: fittedExponent(costs), unit: "exponent", ...atMost(EXPONENT_MAX) } as const;
  const growth = { value: last[1] / first[1], unit: "times", ...atMost(GROWTH_MAX) } as const;
  return [
    ...rows,
    toRow({ suite: SUITE, name: `${name}: exponent`, ...exponent }),
    toRow({ suite: SUITE, name: `${name}: growth from ${first[0]} to ${last[0]}`, ...growth }),
  ];
}

/** Of one database of this size; what it held is gone before the next. */
async function measureSize(size: number): Promise<Costs> {
  await using bench = await openBenchDatabase("memory");
  const insert = await timeBatches(size, (at) => bench.indexed.insertMany(documents(BATCH, "doc", at)));
  check((await bench.indexed.get(`doc_${size - 1}`)) !== undefined, `${size} documents`);
  const singles = await measureSingles(bench, size);
  return { insert, ...singles, ...(await measureRows(size)) };
}

/** The memory store without a database: rows by thousands, then each of a sample by its key. */
async function measureRows(size: number): Promise<Costs> {
  await using store = createMemoryStore();
  const rowSet = await timeBatches(size, (at) => setRows(store, BATCH, "row", at));
  const reads = await latencies(async (i) => {
    for (let k = 0; k < PAGE; k++) check(readRow(store, "row", (i * 7919 + k * 104_729) % size) !== undefined, "a row");
  });
  return { rowSet, rowGet: quantile(reads, 0.5) / PAGE };
}

async function measureSingles({ indexed }: BenchDatabase, size: number): Promise<Costs> {
  const pick = (i: number): number => (i * 7919) % size;
  const gets = await latencies(async (i) => keep(await indexed.get(`doc_${pick(i)}`)));
  const writes = await latencies((i) => indexed.update(`doc_${pick(i)}`, { title: `New ${i}` }));
  const equals = await latencies(async (i) => {
    const { documents: found } = await indexed.query({ where: { version: pick(i) } }).page();
    check(found.length === 1, "one document is found");
  });
  const ranges = await latencies(async (i) => {
    const from = Math.min(pick(i), size - PAGE);
    const { documents: found } = await indexed.query({ range: { version: { gte: from } }, limit: PAGE }).page();
    check(found.length === PAGE, `${PAGE} documents are found`);
  });
  return {
    get: quantile(gets, 0.5),
    getP99: quantile(gets, 0.99),
    write: quantile(writes, 0.5),
    writeP99: quantile(writes, 0.99),
    equal: quantile(equals, 0.5),
    equalP99: quantile(equals, 0.99),
    range: quantile(ranges, 0.5),
  };
}

/** Of all batches together, per item. */
async function timeBatches(size: number, run: (at: number) => Promise<unknown>): Promise<number> {
  let total = 0;
  for (let at = 0; at < size; at += BATCH) total += await timeUs(() => run(at));
  return total / size;
}

/** By pass, ascending. */
async function latencies(run: (i: number) => Promise<unknown>): Promise<number[][]> {
  const passes: number[][] = [];
  for (let pass = 0; pass < PASSES; pass++) {
    const all: number[] = [];
    for (let i = 0; i < SINGLES; i++) all.push(await timeUs(() => run(pass * SINGLES + i)));
    passes.push(all.sort((a, b) => a - b));
  }
  return passes;
}

/** By the clock or by the processor, whichever says less. */
async function timeUs(run: () => Promise<unknown>): Promise<number> {
  const [started, spent] = [performance.now(), process.cpuUsage()];
  await run();
  const { user, system } = process.cpuUsage(spent);
  return Math.min((performance.now() - started) * 1000, user + system);
}

/** Of the best pass. */
function quantile(passes: readonly (readonly number[])[], share: number): number {
  return Math.min(...passes.map((sorted) => sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN));
}
