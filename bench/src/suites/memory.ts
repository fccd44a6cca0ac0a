/**
 * Memory: bytes and objects an entry in a process of its own, after a full collection, beside the class-per-register
 * port; what is left of a map that was emptied; and pools, on and off. The strings of keys and values are the same on
 * both sides, so there is a line with them and one without. `--heap FILE` writes a snapshot of such a process.
 */
import { type Figures, inOwnProcess } from "../isolated.ts";
import { freshBuffers, freshRegisters, pooledBuffers, pooledRegisters } from "../reference/pool-work.ts";
import { type Row, type Target, toRow, type Unit } from "../row.ts";
import { compare, type Suite } from "../suite.ts";

const SUITE = "memory";
const HALF: Target = { atMost: 0.5 };

export const memorySuite: Suite = {
  name: SUITE,
  about: "bytes and objects an entry, what an emptied state keeps, pools on and off",
  run: (sampling) => {
    const figures = inOwnProcess("memory", 1);
    return [
      ...rowsOf(figures, "map, an entry", "map", "plainMap", HALF),
      ...rowsOf(figures, "record of two fields", "records", "plainRecords", HALF),
      ...rowsOf(figures, "record of five fields", "wideRecords", "plainWideRecords", HALF),
      ...rowsOf(figures, "counter in a record", "counterFields", "plainCounters"),
      ...rowsOf(figures, "counter of its own in a map", "counters", "plainCounters"),
      ...rowsOf(figures, "map, an entry that was deleted", "emptied", "plainMap"),
      ...rowsOf(figures, "map, an entry, beside registers with a Date", "map", "datedMap"),
      compare(SUITE, { subject: pooledBuffers(), reference: freshBuffers(), referenceName: "new" }, sampling),
      compare(SUITE, { subject: pooledRegisters(), reference: freshRegisters(), referenceName: "new" }, sampling),
    ];
  },
};

function rowsOf(figures: Figures, name: string, figure: string, reference: string, target?: Target): Row[] {
  const of = (key: string): number => figures[key]?.[0] ?? Number.NaN;
  const row = (what: string, unit: Unit, read: (key: string) => number): Row =>
    toRow({
      suite: SUITE,
      name: `${name}${what}`,
      value: read(figure),
      unit,
      reference: { name: "a class per register", value: read(reference) },
      ...(target === undefined ? {} : { target }),
    });
  return [
    row("", "bytes", of),
    row(", but for strings", "bytes", (key) => of(key) - of(`${key}Strings`)),
    row(", but for strings", "objects", (key) => of(`${key}Objects`)),
  ];
}
