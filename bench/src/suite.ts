/** A suite: a name, what it is about, and a function to rows. The registry is the list in `main.ts`. */
import { measure, type Sampling, type Work } from "./measure.ts";
import { type Row, type Target, toRow } from "./row.ts";

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
}

export function compare(suite: string, comparison: Comparison, sampling: Sampling): Row {
  const { subject, reference, referenceName, target } = comparison;
  if (subject === undefined) {
    const [timing] = measure([reference], sampling);
    const name = `${reference.name} (${referenceName} alone)`;
    return toRow({
      suite,
      name,
      value: timing?.minUs ?? Number.NaN,
      median: timing?.medianUs ?? Number.NaN,
      unit: "us",
    });
  }
  const [own, other] = measure([subject, reference], sampling);
  return toRow({
    suite,
    name: subject.name,
    value: own?.minUs ?? Number.NaN,
    median: own?.medianUs ?? Number.NaN,
    unit: "us",
    reference: { name: referenceName, value: other?.minUs ?? Number.NaN },
    ...(target === undefined ? {} : { target }),
  });
}
