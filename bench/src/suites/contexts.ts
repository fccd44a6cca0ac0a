/** Contexts by the hundred on one node: start, memory and disk, beside a node with one. */
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { must } from "@dunlin/core/base";
import { type Figures, inOwnProcess } from "../isolated.ts";
import { type Row, toRow } from "../row.ts";
import type { Suite } from "../suite.ts";

const OPENED = 100;

export const contexts: Suite = {
  name: "contexts",
  about: "a node with 1,000 small contexts: start, memory, first call, disk",
  run({ isQuick }) {
    const sizes = isQuick ? [1, 100] : [1, 100, 1000];
    const [first, ...others] = sizes.map(measureHome);
    const base = must(first, "a node with one context");
    return others.flatMap((home) => rowsOf(home, base));
  },
};

interface MeasuredHome {
  readonly size: number;
  readonly figures: Figures;
  readonly diskBytes: number;
}

function measureHome(size: number): MeasuredHome {
  const folder = mkdtempSync(join(tmpdir(), "dunlin-contexts-"));
  try {
    inOwnProcess("contextsFill", size, join(folder, "home"));
    const figures = inOwnProcess("contextsStart", Math.min(size, OPENED), join(folder, "home"));
    return { size, figures, diskBytes: statSync(join(folder, "home", "store", "data.mdb")).size };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function rowsOf(home: MeasuredHome, base: MeasuredHome): Row[] {
  const { size, figures, diskBytes } = home;
  const of = (figure: string, from: MeasuredHome = home): number =>
    must(from.figures[figure]?.[0], "a figure of the case");
  const suite = "contexts";
  const reference = { name: "one context" } as const;
  const more = size - base.size;
  const calls = [...(figures["firstCallMs"] ?? [])].sort((a, b) => a - b);
  return [
    toRow({
      suite,
      name: `start, ${size} contexts`,
      value: of("startMs"),
      unit: "ms",
      reference: { ...reference, value: of("startMs", base) },
    }),
    toRow({
      suite,
      name: `memory after the start, ${size} contexts`,
      value: of("startBytes") / 1e6,
      unit: "MB",
      reference: { ...reference, value: of("startBytes", base) / 1e6 },
      note: "resident, beyond what the process had before; the guide has 10 MB a context",
    }),
    toRow({
      suite,
      name: `memory after the start by context, ${size} contexts`,
      value: (of("startBytes") - of("startBytes", base)) / more,
      unit: "bytes",
    }),
    toRow({
      suite,
      name: `memory by context that is opened, ${size} contexts`,
      value: of("openedBytes") / Math.min(size, OPENED),
      unit: "bytes",
      note: `the first ${OPENED} are called once each; engine and application are loaded by the first`,
    }),
    toRow({
      suite,
      name: `first call of a context, ${size} contexts`,
      value: must(calls[0], "a call"),
      median: must(calls[calls.length >> 1], "a call"),
      unit: "ms",
    }),
    toRow({
      suite,
      name: `disk by context, ${size} contexts`,
      value: (diskBytes - base.diskBytes) / more,
      unit: "bytes",
    }),
  ];
}
