/** Random joins of records, of every kind of field, and the cells that they make. */
import type { Prng, Stamp } from "../../base/index.ts";
import { GENERATION_ZERO } from "../cell-key.ts";
import type { Seen } from "../cells/by-actor.ts";
import { elementToKey } from "../cells/set-element.ts";
import { joinsToRecords } from "../records/apply-records.ts";
import { FIELD_TAGS, type FieldJoins, type FieldKind } from "../records/fields/fields.ts";
import type { RecordCell } from "../records/record-cell.ts";
import { compareFields } from "../records/record-shape.ts";
import type { RecordColumn, RecordMark, RecordsJoins } from "../records/records-joins.ts";
import { type Stored, valueToStored } from "../stored.ts";
import { actorOf, drawValue, originOf } from "./draw.ts";

// The keys of the table of tags are the kinds.
const KINDS = Object.keys(FIELD_TAGS) as FieldKind[];
const NAMES = ["a", "ł", "title"];
const STAMPS = 4;

/** Few ids, names, stamps and actors, so that ties of every kind come up. */
export function drawRecordJoins(prng: Prng): RecordsJoins {
  const ids = Array.from({ length: 1 + prng.below(3) }, () => prng.pick(["x", "y", "ż"]));
  const marks = ids.flatMap((_, place): RecordMark[] => {
    const generation = prng.chance(0.3) ? drawPair(prng) : GENERATION_ZERO;
    const isDeleted = prng.chance(0.2);
    return isDeleted || generation.stamp > 0 ? [{ place, isDeleted, generation }] : [];
  });
  const live = ids.length - marks.filter((mark) => mark.isDeleted).length;
  const columns = live === 0 ? [] : drawColumns(prng, live);
  return { ids, marks, columns };
}

/** A cell that a delta with one of a few headers may have made. */
export function drawRecordCell(prng: Prng): RecordCell {
  for (;;) {
    const origin = originOf(1 + prng.below(STAMPS), prng.below(3));
    const cell = joinsToRecords(drawRecordJoins(prng), origin).cells.find((made) => made !== undefined);
    if (cell !== undefined) return cell;
  }
}

function drawColumns(prng: Prng, live: number): RecordColumn[] {
  const columns: RecordColumn[] = [];
  for (const kind of KINDS) {
    for (const name of NAMES) {
      const places = Array.from({ length: live }, (_, place) => place).filter(() => prng.chance(0.3));
      const joins = places.map(() => drawFieldJoin(prng, kind));
      const isFull = places.length === live;
      if (places.length > 0) columns.push({ kind, name, places: isFull ? undefined : places, joins });
    }
  }
  return columns.sort(compareFields);
}

function drawFieldJoin(prng: Prng, kind: FieldKind): FieldJoins[FieldKind] {
  switch (kind) {
    case "last":
      return prng.chance(0.2) ? undefined : drawStored(prng);
    case "first":
      return drawStored(prng);
    case "multi": {
      const content = prng.chance(0.3) ? undefined : drawStored(prng);
      const seen = drawSeen(prng);
      return { seen, content: seen.length === 0 && content === undefined ? null : content };
    }
    case "counter":
      return { added: 1 + prng.below(3), subtracted: prng.below(3) };
    case "set":
      return drawElements(prng, () => drawSeen(prng));
    case "set-remove-wins":
      return drawElements(prng, () => (prng.chance(0.4) ? undefined : drawSeen(prng)));
    case "child":
      return prng.pick([2, 4, 32, 34]);
  }
}

function drawElements<C>(prng: Prng, drawCell: () => C): { key: string; element: Stored; cell: C }[] {
  return Array.from({ length: 1 + prng.below(2) }, () => {
    const element = prng.pick<Stored>(["p", "q", 1]);
    return { key: elementToKey(element), element, cell: drawCell() };
  });
}

function drawSeen(prng: Prng): Seen[] {
  return [0, 1, 2].filter(() => prng.chance(0.4)).map((index) => ({ ...drawPair(prng), actor: actorOf(index) }));
}

function drawPair(prng: Prng): Seen {
  return { stamp: (1 + prng.below(STAMPS)) as Stamp, actor: actorOf(prng.below(3)) };
}

function drawStored(prng: Prng): Stored {
  return valueToStored(drawValue(prng, 1));
}
