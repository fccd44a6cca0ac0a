/**
 * One measured line: a value, the reference it is compared with, measured in the same run on the same machine, and
 * whether the ratio of the two holds its target. A ratio means something on any machine; a value alone does not.
 */
export interface Row {
  readonly suite: string;
  readonly name: string;
  /** The best of the samples: what others do on the machine only ever adds to it. */
  readonly value: number;
  /** The median of the samples; null where there is one sample, or where it is a rate over the whole run. */
  readonly median: number | null;
  readonly unit: Unit;
  readonly reference: { readonly name: string; readonly value: number } | null;
  /** Value by reference; null without a reference. */
  readonly ratio: number | null;
  /** What the ratio must reach; null for a line that is only reported. */
  readonly target: Target | null;
  /** Whether the target is met; null without one. */
  readonly holds: boolean | null;
  /** What others have published of the same work, in the row's unit; null where nothing is. */
  readonly quoted: Quoted | null;
  /** Where the work is written, as `file function`; null where the suite is the place. */
  readonly work: string | null;
  /** What a reader must know to take the row for no more than it is. */
  readonly note: string | null;
  /** All samples in the row's unit, for a comparison with another run; empty where there is one. */
  readonly samples: readonly number[];
  /** How many samples were asked for; null where they were not counted. */
  readonly samplesAsked: number | null;
}

export interface Quoted {
  /** The figure of the guide. */
  readonly guide: number;
  /** The same Rust code, built and measured natively on another machine of this kind. */
  readonly native: number;
}

export type Unit = "us" | "ms" | "s" | "per s" | "bytes" | "MB" | "objects" | "turns" | "times" | "%" | "exponent";

/** The ratio at most (times, sizes) or at least (rates); or the value itself, where the design names a figure. */
export type Target =
  | { readonly atMost: number }
  | { readonly atLeast: number }
  | { readonly valueAtMost: number }
  | { readonly valueAtLeast: number };

export interface Measured {
  readonly suite: string;
  readonly name: string;
  readonly value: number;
  readonly median?: number;
  readonly unit: Unit;
  readonly reference?: { readonly name: string; readonly value: number };
  readonly target?: Target;
  readonly quoted?: Quoted;
  readonly work?: string;
  readonly note?: string;
  readonly samples?: readonly number[];
  readonly samplesAsked?: number;
}

export function toRow(measured: Measured): Row {
  const { suite, name, value, median, unit, reference, target } = measured;
  const ratio = reference === undefined ? null : value / reference.value;
  const holds = target === undefined ? null : meets(value, ratio, target);
  return {
    suite,
    name,
    value,
    median: median ?? null,
    unit,
    reference: reference ?? null,
    ratio,
    target: target ?? null,
    holds,
    quoted: measured.quoted ?? null,
    work: measured.work ?? null,
    note: measured.note ?? null,
    samples: measured.samples ?? [],
    samplesAsked: measured.samplesAsked ?? null,
  };
}

function meets(value: number, ratio: number | null, target: Target): boolean | null {
  if ("valueAtMost" in target) return value <= target.valueAtMost;
  if ("valueAtLeast" in target) return value >= target.valueAtLeast;
  if (ratio === null) return null;
  return "atMost" in target ? ratio <= target.atMost : ratio >= target.atLeast;
}
