/** A map of 100,000 entries beside `Map`, JSON and SHA-256, each in processes of its own. */
import { ENCODED, HEADED } from "../cases/deltas.ts";
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

const HEAP: readonly Line[] = [
  {
    name: "heap of 100k entries",
    figure: "heapMB",
    unit: "MB",
    reference: ["Map", "plainHeapMB"],
    target: { valueAtMost: 15 },
  },
  {
    name: "heap of 100k entries, again",
    figure: "heapMB",
    unit: "MB",
    reference: ["a class per register", "registerHeapMB"],
    target: { atMost: 1 / 2 },
  },
  {
    name: "objects of 100k entries",
    figure: "objects",
    unit: "objects",
    reference: ["a class per register", "registerObjects"],
    target: { atMost: 1 / 2 },
  },
  { name: "heap after 100k were rolled back", figure: "rolledBackMB", unit: "MB", target: { valueAtMost: 1 } },
  { name: "heap after 100k were let go", figure: "releasedMB", unit: "MB", target: { valueAtMost: 1 } },
];

const CONFLICT: readonly Line[] = [
  { name: "10k conflicting sets, one batch", figure: "conflictBatch", target: { valueAtMost: 3 } },
  { name: "10k conflicting sets, 10k updates", figure: "conflictEach", target: { valueAtMost: 6 } },
];

export function mapRows(suite: string, { isQuick }: Sampling): readonly Row[] {
  const [processes, runs] = isQuick ? [2, 3] : [5, 5];
  const figures = inTurns(["map", "plainMap"], processes, runs);
  const heaps = inTurns(["heap", "plainHeap", "registerHeap", "objects", "registerObjects", "heapAfter"], 1, 1);
  const updates = inTurns(["updates", "plainUpdates"], processes, runs);
  const deltas = inTurns(["deltas"], processes, runs);
  const rate = (
    name: string,
    figure: string,
    count: number,
    valueAtLeast: number,
    reference?: readonly [string, string],
  ) => rateRow(suite, { name, figure, count, valueAtLeast, reference }, { ...updates, ...deltas });
  return [
    ...MAP.map((line) => lineToRow(suite, line, figures)),
    ...HEAP.map((line) => lineToRow(suite, line, heaps)),
    rate("one update per set, produced", "produce", UPDATES, 800_000, ["Map and JSON", "plainProduce"]),
    rate("one update per set, applied", "applyEach", UPDATES, 3_000_000, ["Map and JSON", "plainApply"]),
    rate("the same with header and id, produced", "headProduce", HEADED, 400_000),
    rate("the same with header and id, applied", "headApply", HEADED, 800_000),
    ...CONFLICT.map((line) => lineToRow(suite, line, deltas)),
    rate("delta of ten operations, encoded", "tenEncode", ENCODED, 400_000, ["copied", "tenCopy"]),
    rate("delta of ten operations, decoded", "tenDecode", ENCODED, 1_000_000, ["copied", "tenCopy"]),
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

interface Rate {
  readonly name: string;
  readonly figure: string;
  /** Of what one sample did. */
  readonly count: number;
  readonly valueAtLeast: number;
  readonly reference: readonly [name: string, figure: string] | undefined;
}

function rateRow(suite: string, { name, figure, count, valueAtLeast, reference }: Rate, figures: Figures): Row {
  const perSecond = (ms: number): number => (count * 1000) / ms;
  const samples = figures[figure] ?? [];
  return toRow({
    suite,
    name,
    value: perSecond(Math.min(...samples)),
    median: perSecond(medianOf(samples)),
    unit: "per s",
    samples: samples.map(perSecond),
    ...(reference === undefined
      ? {}
      : { reference: { name: reference[0], value: perSecond(Math.min(...(figures[reference[1]] ?? []))) } }),
    target: { valueAtLeast },
  });
}

function medianOf(samples: readonly number[]): number {
  return samples.toSorted((a, b) => a - b)[samples.length >> 1] ?? Number.NaN;
}
