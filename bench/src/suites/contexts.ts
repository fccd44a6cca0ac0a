/**
 * Contexts by the hundred on one node: start, memory and disk, beside a node with one; and memory and processor under
 * load, where all are open and each is called once in ten seconds, beside the guide's figures, whose load is not told.
 */
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { must } from "@dunlin/core/base";
import { type Figures, inOwnProcess } from "../isolated.ts";
import { type Row, toRow } from "../row.ts";
import type { Suite } from "../suite.ts";

const OPENED = 100;
/** Of the guide: megabytes and per cent of the processor. */
const GUIDE: Readonly<Record<number, readonly [memoryMB: number, cpuPercent: number]>> = {
  10: [100, 5],
  100: [1_000, 20],
  500: [5_000, 50],
  1000: [10_000, 80],
};

export const contexts: Suite = {
  name: "contexts",
  about: "a node with 10 to 1,000 small contexts: start, first call, disk; memory and processor at rest and under load",
  run({ isQuick }) {
    const sizes = isQuick ? [1, 10, 100] : [1, 10, 100, 500, 1000];
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
  const [memoryMB, cpuPercent] = must(GUIDE[size], "a size of the guide");
  const load = `${of("calls")} calls in ten seconds, all contexts open; the guide has`;
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
      name: `memory of the process under load, ${size} contexts`,
      value: of("loadedBytes") / 1e6,
      unit: "MB",
      reference: { ...reference, value: of("loadedBytes", base) / 1e6 },
      target: { valueAtMost: memoryMB },
      note: `${load} ${memoryMB} MB`,
    }),
    toRow({
      suite,
      name: `processor under load, ${size} contexts`,
      value: of("cpuPercent"),
      unit: "%",
      reference: { ...reference, value: of("cpuPercent", base) },
      target: { valueAtMost: cpuPercent },
      note: `of one core; ${load} ${cpuPercent} %`,
    }),
    toRow({
      suite,
      name: `disk by context, ${size} contexts`,
      value: (diskBytes - base.diskBytes) / more,
      unit: "bytes",
    }),
  ];
}
