/** A map of 100,000 entries beside `Map`, JSON and SHA-256, each in processes of its own. */
import { UPDATES } from "../cases/updates.ts";
import { type Figures, inTurns } from "../isolated.ts";
import type { Sampling } from "../measure.ts";
import { type Row, type Target, toRow, type Unit } from "../row.ts";

interface Line {
  readonly name: string;
  readonly figure: string;
  readonly unit?: Unit;
  readonly reference?: readonly [name: string, figure: string];
  readonly target?: Target;
}

const MAP: readonly Line[] = [
  { name: "100k sets", figure: "sets", reference: ["Map", "plainSets"], target: { atMost: 2.5 } },
  { name: "100k sets, with wire", figure: "setsWithWire", reference: ["Map", "plainSets"], target: { atMost: 3 } },
  { name: "100k sets applied", figure: "apply", reference: ["Map", "plainSets"] },
  { name: "100k entries taken for the store", figure: "take", reference: ["JSON", "jsonEncode"] },
  { name: "100k entries read from the store", figure: "open", reference: ["JSON", "jsonDecode"] },
  { name: "100k entries encoded", figure: "encode", reference: ["JSON", "jsonEncode"], target: { atMost: 1 / 3 } },
  { name: "100k entries loaded", figure: "load", reference: ["JSON", "jsonDecode"], target: { atMost: 1 / 2.5 } },
  { name: "100k entries handed on", figure: "handOn", reference: ["JSON", "jsonEncode"], target: { atMost: 1 / 5 } },
  {
    name: "100k entries, one read",
    figure: "loadLazily",
    reference: ["JSON", "jsonDecode"],
    target: { atMost: 1 / 5 },
  },
  { name: "their pages deflated", figure: "deflate" },
  { name: "their pages inflated", figure: "inflate" },
  {
    name: "100k entries, pages",
    figure: "encodedMB",
    unit: "MB",
    reference: ["JSON", "jsonMB"],
    target: { valueAtMost: 1.1 },
  },
  { name: "root of 100k, first", figure: "rootBuild" },
  {
    name: "root, 1000 of 100k changed",
    figure: "rootAfter1000",
    reference: ["SHA-256 of the cells", "sha1000"],
    target: { valueAtMost: 5 },
  },
  {
    name: "root, one of 100k changed",
    figure: "rootAfterOne",
    reference: ["SHA-256 of the cell", "shaOne"],
    target: { valueAtMost: 0.008 },
  },
];

const HEAP: Line = {
  name: "heap of 100k entries",
  figure: "heapMB",
  unit: "MB",
  reference: ["Map", "plainHeapMB"],
  target: { valueAtMost: 15 },
};

export function mapRows(suite: string, { isQuick }: Sampling): readonly Row[] {
  const [processes, runs] = isQuick ? [2, 3] : [5, 5];
  const figures = inTurns(["map", "plainMap"], processes, runs);
  const heaps = inTurns(["heap", "plainHeap"], 1, 1);
  const updates = inTurns(["updates", "plainUpdates"], processes, runs);
  return [
    ...MAP.map((line) => lineToRow(suite, line, figures)),
    lineToRow(suite, HEAP, heaps),
    rateRow(suite, "one update per set, produced", updates, ["produce", "plainProduce"], 800_000),
    rateRow(suite, "one update per set, applied", updates, ["applyEach", "plainApply"], 3_000_000),
  ];
}

/** The least sample, with the median beside it. */
export function lineToRow(suite: string, line: Line, figures: Figures): Row {
  const { name, figure, unit = "ms", reference, target } = line;
  const samples = figures[figure] ?? [];
  return toRow({
    suite,
    name,
    value: Math.min(...samples),
    ...(samples.length > 1 ? { median: medianOf(samples) } : {}),
    unit,
    samples,
    ...(reference === undefined
      ? {}
      : { reference: { name: reference[0], value: Math.min(...(figures[reference[1]] ?? [])) } }),
    ...(target === undefined ? {} : { target }),
  });
}

function rateRow(
  suite: string,
  name: string,
  figures: Figures,
  [own, other]: readonly [string, string],
  valueAtLeast: number,
): Row {
  const perSecond = (ms: number): number => (UPDATES * 1000) / ms;
  const samples = figures[own] ?? [];
  return toRow({
    suite,
    name,
    value: perSecond(Math.min(...samples)),
    median: perSecond(medianOf(samples)),
    unit: "per s",
    reference: { name: "Map and JSON", value: perSecond(Math.min(...(figures[other] ?? []))) },
    target: { valueAtLeast },
  });
}

function medianOf(samples: readonly number[]): number {
  return samples.toSorted((a, b) => a - b)[samples.length >> 1] ?? Number.NaN;
}
