import { describe, expect, it } from "vitest";
import type { Lattice } from "./cells/cell-kind.ts";
import * as lastWriter from "./cells/last-writer.ts";
import { checkHistories } from "./reference/histories.ts";
import { SUBJECTS } from "./reference/subjects/index.ts";
import { firstRegisterSubject, registerSubject } from "./reference/subjects/registers.ts";

/** The long gate takes more of everything. */
const IS_LONG = (process.env["DUNLIN_PROPERTY_RUNS"] ?? "") !== "";
/** Subjects with more operations than these have many times more histories: of those `npm test` takes fewer. */
const OPERATIONS_FEW = 2;
/** A first-writer register has the fewest: who has seen a value writes none. */
const HISTORIES_MIN = 27;

describe.each(SUBJECTS)("every small history of $name", (subject) => {
  it("ends in one state that shows what the model says", () => {
    const leaps = IS_LONG ? [1, 2] : [1];
    // Three replicas have three steps in the next test.
    const actors = IS_LONG || subject.operations.length <= OPERATIONS_FEW ? 3 : 2;
    const histories = checkHistories({ subject, stepsMax: 4, actors, leaps, forks: false });
    expect(histories).toBeGreaterThanOrEqual(HISTORIES_MIN);
  });

  it("does so when clocks differ", () => {
    const histories = checkHistories({ subject, stepsMax: 3, actors: 3, leaps: [1, 3], forks: false });
    expect(histories).toBeGreaterThanOrEqual(HISTORIES_MIN);
  });

  it("ends in one state also when an actor writes two things under one stamp", () => {
    const stepsMax = IS_LONG ? 4 : 3;
    const histories = checkHistories({ subject, stepsMax, actors: 2, leaps: [1], forks: true });
    expect(histories).toBeGreaterThanOrEqual(HISTORIES_MIN);
  });
});

describe("the check of small histories", () => {
  const options = { stepsMax: 3, actors: 3, leaps: [1], forks: false };

  it("reports a model that is not the type's", () => {
    const subject = { ...registerSubject, model: firstRegisterSubject.model };
    expect(() => checkHistories({ ...options, subject })).toThrow(/register: shows/);
  });

  it("reports a join that depends on the order", () => {
    const lattice: Lattice<unknown> = { ...lastWriter, join: (a, b) => (b === lastWriter.empty ? a : b) };
    expect(() => checkHistories({ ...options, subject: { ...registerSubject, lattice } })).toThrow(/do not join/);
  });
});
