/**
 * The DAG in a process of its own: what admission does with graph and pending deltas, in three orders of arrival, deep
 * and wide; and whole admission of signed deltas, each with ten sets of a map, in catch-up pages and one by one.
 */
import { type Figures, inOwnProcess } from "../isolated.ts";
import { type Row, type Target, toRow } from "../row.ts";
import type { Suite } from "../suite.ts";

const SUITE = "dag";

export const dagSuite: Suite = {
  name: SUITE,
  about: "deltas in order, backwards, deep and wide; admitted alone and in catch-up pages",
  run({ isQuick }) {
    const figures = inOwnProcess("dag", isQuick ? 2 : 7);
    const verify = { name: "Ed25519 verify", value: Math.min(...(figures["verify"] ?? [])) };
    return [
      row(figures, "inOrder1k", "1000 in order, each", { valueAtMost: 2 }),
      row(figures, "reversed1k", "1000 reversed, each", { valueAtMost: 2 }),
      row(figures, "reversed10k", "10,000 reversed, each", { valueAtMost: 2 }),
      row(figures, "deep", "a chain of 100,000, each"),
      row(figures, "wide", "100,000 heads, each"),
      row(figures, "catchUp", "admitted in catch-up pages, each", { atMost: 40 / 64 }, verify),
      row(figures, "alone", "admitted alone, each", { atMost: 150 / 64 }, verify),
    ];
  },
};

function row(figures: Figures, figure: string, name: string, target?: Target, reference?: Row["reference"]): Row {
  const samples = figures[figure] ?? [];
  const sorted = samples.toSorted((a, b) => a - b);
  return toRow({
    suite: SUITE,
    name,
    value: sorted[0] ?? Number.NaN,
    median: sorted[sorted.length >> 1] ?? Number.NaN,
    unit: "us",
    samples,
    work: "cases/dag.ts",
    ...(target ? { target } : {}),
    ...(reference ? { reference } : {}),
  });
}
