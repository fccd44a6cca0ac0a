/** A suite: a name, what it is about, and a function to rows. The registry is the list in `main.ts`. */
import { measure, type Sampling, type Timing, type Work } from "./measure.ts";
import { type Quoted, type Row, type Target, toRow } from "./row.ts";

export interface Suite {
  readonly name: string;
  readonly about: string;
  readonly run: (sampling: Sampling) => Promise<readonly Row[]> | readonly Row[];
}

/** A work of ours, the reference's, and the ratio of times that must hold. Without ours the reference is reported. */
export interface Comparison {
  readonly subject?: Work;
  readonly reference: Work;
  readonly referenceName: string;
  readonly target?: Target;
  /** Instead of the subject's name. */
  readonly name?: string;
  readonly quoted?: Quoted;
  readonly work?: string;
  readonly note?: string;
}

export function compare(suite: string, comparison: Comparison, sampling: Sampling): Row {
  const { subject, reference, referenceName, target, quoted, work, note } = comparison;
  const said = {
    suite,
    unit: "us",
    samplesAsked: sampling.samples,
    ...(target === undefined ? {} : { target }),
    ...(quoted === undefined ? {} : { quoted }),
    ...(work === undefined ? {} : { work }),
    ...(note === undefined ? {} : { note }),
  } as const;
  if (subject === undefined) {
    const [timing = NO_TIMING] = measure([reference], sampling);
    return toRow({
      ...said,
      name: comparison.name ?? `${reference.name} (${referenceName} alone)`,
      ...ofTiming(timing),
    });
  }
  const [own = NO_TIMING, other = NO_TIMING] = measure([subject, reference], sampling);
  const name = comparison.name ?? subject.name;
  return toRow({ ...said, name, ...ofTiming(own), reference: { name: referenceName, value: other.minUs } });
}

const NO_TIMING: Timing = { minUs: Number.NaN, medianUs: Number.NaN, samplesUs: [] };

export function ofTiming({ minUs, medianUs, samplesUs }: Timing): Pick<Row, "value" | "samples"> & { median: number } {
  return { value: minUs, median: medianUs, samples: samplesUs };
}
