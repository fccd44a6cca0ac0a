/** A list of 10,000 values beside an array, each in processes of its own. */
import { ELEMENTS, SINGLES } from "../cases/list.ts";
import { inTurns } from "../isolated.ts";
import type { Sampling } from "../measure.ts";
import type { Row } from "../row.ts";
import { lineToRow } from "./map-rows.ts";

const LINES: readonly (readonly [what: string, figure: string, reference?: string])[] = [
  [`${ELEMENTS} appended, one transaction`, "listAppend", "arrayAppend"],
  [`${ELEMENTS} set here and there, one transaction`, "listSet", "arraySet"],
  [`${ELEMENTS} moved, one transaction`, "listMove", "arrayMove"],
  [`${ELEMENTS} read here and there`, "listGet"],
  [`${SINGLES} inserted here and there, a transaction each`, "listInsertEach"],
  [`${SINGLES} set, a transaction each`, "listSetEach"],
  [`${SINGLES} moved, a transaction each`, "listMoveEach"],
  [`${SINGLES} deleted, a transaction each`, "listDeleteEach"],
  ["all of these received", "listApply"],
  ["loaded and read", "listLoad"],
];

export function listRows(suite: string, { isQuick }: Sampling): readonly Row[] {
  const figures = inTurns(["list", "plainList"], isQuick ? 1 : 3, isQuick ? 4 : 12);
  return LINES.map(([what, figure, reference]) =>
    lineToRow(
      suite,
      {
        name: `list, ${what}`,
        figure,
        ...(reference === undefined ? {} : { reference: ["array", reference] as const }),
      },
      figures,
    ),
  );
}
