import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { planWork, toCalls } from "./documents.ts";
import { CALL_CHARS_MAX, EDITS_PER_CALL_MAX, INSERTED_CHARS_MAX } from "./limits.ts";
import { applyEdits, type Patch } from "./traces.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "dunlin-plan-"));
});
afterEach(() => rm(folder, { recursive: true }));

const write = (name: string, trace: object): Promise<void> => writeFile(join(folder, name), JSON.stringify(trace));
const sequential = (text: string, startContent = ""): object => ({
  startContent,
  endContent: startContent + text,
  txns: [...text].map((letter, at) => ({ patches: [[[...startContent].length + at, 0, letter]] })),
});
const concurrent = (text: string): object => ({
  kind: "concurrent",
  endContent: text,
  numAgents: 1,
  txns: [...text].map((letter, at) => ({ agent: 0, parents: at === 0 ? [] : [at - 1], patches: [[at, 0, letter]] })),
});

describe("planWork", () => {
  it("gives every history to one writer, the longest first to A", async () => {
    await write("a.json", sequential("ab"));
    await write("b.json", sequential("abcdef"));
    await write("c.json", concurrent("abc\u{1f600}"));
    const { documents, leftOut } = planWork(folder);
    expect(documents.map((plans) => plans.map(({ name, edits }) => [name, edits]))).toEqual([
      [["b", 6]],
      [
        ["c", 4],
        ["a", 2],
      ],
    ]);
    expect(leftOut).toEqual([]);
    for (const { calls, endContent } of documents.flat()) {
      expect(
        applyEdits(
          "",
          calls.flatMap((call) => call.edits),
        ),
      ).toBe(endContent);
    }
  });

  it("lets both replay a history that is alone, into two documents", async () => {
    await write("only.json", concurrent("hello"));
    expect(planWork(folder).documents.map((plans) => plans.map(({ name }) => name))).toEqual([["only"], ["only-2"]]);
  });

  it("begins with the text that a history begins with", async () => {
    await write("s.json", sequential("b\u{1f600}c", "\u{1f426}start"));
    const [[plan]] = planWork(folder).documents;
    const edits = plan?.calls.flatMap((call) => call.edits) ?? [];
    expect(applyEdits("", edits)).toBe(plan?.endContent);
  });

  it("says what it cannot use", async () => {
    expect(() => planWork(folder)).toThrow(/holds no recorded history/);
    expect(() => planWork(join(folder, "none"))).toThrow(/cannot be read/);
    const deep = [{ agent: 0, parents: [], patches: [[5, 1, "x"]] }];
    await write("bad.json", { kind: "concurrent", endContent: "x", numAgents: 1, txns: deep });
    expect(() => planWork(folder)).toThrow(/bad\.json cannot be merged/);
  });
});

describe("toCalls", () => {
  it("cuts into calls that the application takes, each with the length that it is of", () => {
    const long = "\u{1f600}".repeat(INSERTED_CHARS_MAX * 5);
    const typed = Array.from({ length: 3000 }, (_, at): Patch => [at, 0, "x"]);
    const edits: Patch[] = [...typed, [10, 5, long], [0, 3, ""]];
    const calls = toCalls(edits);
    const wanted = applyEdits("", edits);
    let length = 0;
    for (const call of calls) {
      expect(call.edits.length).toBeLessThanOrEqual(EDITS_PER_CALL_MAX);
      expect(call.length).toBe(length);
      const inserted = call.edits.reduce((sum, edit) => sum + edit[2].length, 0);
      expect(inserted).toBeLessThanOrEqual(CALL_CHARS_MAX);
      for (const [, , text] of call.edits) expect(text.isWellFormed()).toBe(true);
      length += inserted - call.edits.reduce((sum, edit) => sum + edit[1], 0);
    }
    expect(length).toBe(wanted.length);
    expect(toCalls([])).toEqual([]);
  });
});
