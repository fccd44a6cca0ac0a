/**
 * Memory: bytes an entry in a process of its own, after a full collection, beside the class-per-register port; what is
 * left of a map that was emptied; and pools, on and off. `--heap FILE` writes a snapshot of such a process.
 */
import { inOwnProcess } from "../isolated.ts";
import { freshBuffers, freshRegisters, pooledBuffers, pooledRegisters } from "../reference/pool-work.ts";
import { type Row, type Target, toRow } from "../row.ts";
import { compare, type Suite } from "../suite.ts";

const SUITE = "memory";

export const memorySuite: Suite = {
  name: SUITE,
  about: "bytes an entry, what an emptied state keeps, pools on and off",
  run: (sampling) => {
    const figures = inOwnProcess("memory", 1);
    const row = (name: string, figure: string, reference: string, target?: Target): Row =>
      toRow({
        suite: SUITE,
        name,
        value: figures[figure]?.[0] ?? Number.NaN,
        unit: "bytes",
        reference: { name: "a class per register", value: figures[reference]?.[0] ?? Number.NaN },
        ...(target === undefined ? {} : { target }),
      });
    const half: Target = { atMost: 0.5 };
    return [
      row("map, an entry", "map", "plainMap", half),
      row("records of two fields, a document", "records", "plainRecords", half),
      row("counters in a map, a counter", "counters", "plainCounters"),
      row("map, an entry that was deleted", "afterDelete", "plainMap"),
      compare(SUITE, { subject: pooledBuffers(), reference: freshBuffers(), referenceName: "new" }, sampling),
      compare(SUITE, { subject: pooledRegisters(), reference: freshRegisters(), referenceName: "new" }, sampling),
    ];
  },
};
