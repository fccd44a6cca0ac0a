/**
 * A list of 10,000 values through a document: filled, set and moved in one transaction, then a transaction for each
 * change, taken in elsewhere, stored and loaded. Beside it an array: the same without history, in pieces that are moved
 * by the engine's own copy.
 */
import { createPrng } from "@dunlin/core/base";
import { Document, type ListWriter } from "@dunlin/core/crdt";
import type { Figures } from "../isolated.ts";
import { check, keep } from "../measure.ts";
import { openDocument, originAfter } from "../subject.ts";
import { timeOnCpu } from "./on-cpu.ts";
import { Samples } from "./samples.ts";

export const ELEMENTS = 10_000;
export const SINGLES = 1000;

type Draw = () => number;
type Delta = readonly [joins: Uint8Array, origin: ReturnType<typeof originAfter>];

export function list(runs: number): Figures {
  const samples = new Samples();
  for (let run = 0; run < runs; run++) {
    const document = openDocument();
    const prng = createPrng(run);
    const draw: Draw = () => prng.below(ELEMENTS);
    const deltas: Delta[] = [];
    const write = (change: (writer: ListWriter) => void): void => {
      const origin = originAfter(document);
      const transaction = document.begin(origin);
      change(transaction.field("list", "list"));
      const joins = transaction.commit();
      if (joins !== undefined) deltas.push([joins, origin]);
    };
    const time = (figure: string, work: () => void): void => timeOnCpu(samples, figure, work);
    time("listAppend", () =>
      write((writer) => {
        for (let i = 0; i < ELEMENTS; i++) writer.insert(i, [`value-${i}`]);
      }),
    );
    time("listSet", () =>
      write((writer) => {
        for (let i = 0; i < ELEMENTS; i++) writer.set(draw(), `new-${i}`);
      }),
    );
    time("listMove", () =>
      write((writer) => {
        for (let i = 0; i < ELEMENTS; i++) writer.move(draw(), draw());
      }),
    );
    time("listGet", () => {
      const view = document.field("list", "list");
      for (let i = 0; i < ELEMENTS; i++) keep(view.get(draw()));
    });
    timeSingles(time, write, draw);
    timeElsewhere(time, document, deltas);
  }
  return samples.figures;
}

function timeSingles(
  time: (figure: string, work: () => void) => void,
  write: (change: (writer: ListWriter) => void) => void,
  draw: Draw,
): void {
  const each = (change: (writer: ListWriter) => void) => () => {
    for (let i = 0; i < SINGLES; i++) write(change);
  };
  time(
    "listInsertEach",
    each((writer) => writer.insert(draw(), ["inserted"])),
  );
  time(
    "listSetEach",
    each((writer) => writer.set(draw(), "set")),
  );
  time(
    "listMoveEach",
    each((writer) => writer.move(draw(), draw())),
  );
  time(
    "listDeleteEach",
    each((writer) => writer.delete(draw())),
  );
}

function timeElsewhere(
  time: (figure: string, work: () => void) => void,
  document: Document,
  deltas: readonly Delta[],
): void {
  const expected = document.field("list", "list").toArray();
  const other = openDocument();
  time("listApply", () => {
    for (const [joins, origin] of deltas) {
      if (!other.apply(joins, origin).ok) throw new Error("joins were refused");
    }
  });
  const pages = document.encodeState();
  let loaded: readonly unknown[] = [];
  time("listLoad", () => {
    const result = Document.load(pages);
    if (!result.ok) throw new Error(result.error.message);
    loaded = result.value.field("list", "list").toArray();
  });
  for (const shown of [other.field("list", "list").toArray(), loaded]) {
    check(JSON.stringify(shown) === JSON.stringify(expected), "the list is what was written");
  }
}

export function plainList(runs: number): Figures {
  const samples = new Samples();
  for (let run = 0; run < runs; run++) {
    const prng = createPrng(run);
    const draw: Draw = () => prng.below(ELEMENTS);
    const array: string[] = [];
    timeOnCpu(samples, "arrayAppend", () => {
      for (let i = 0; i < ELEMENTS; i++) array.splice(i, 0, `value-${i}`);
    });
    timeOnCpu(samples, "arraySet", () => {
      for (let i = 0; i < ELEMENTS; i++) array[draw()] = `new-${i}`;
    });
    timeOnCpu(samples, "arrayMove", () => {
      for (let i = 0; i < ELEMENTS; i++) array.splice(draw(), 0, ...array.splice(draw(), 1));
    });
    check(array.length === ELEMENTS, `${ELEMENTS} elements`);
  }
  return samples.figures;
}
