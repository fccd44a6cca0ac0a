import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { TextState } from "../packages/core/src/crdt/text/index.ts";
import { makeConcurrent, makeSequential } from "./make-trace.ts";
import { LETTER, SHARED } from "./trace-prose.ts";
import {
  applyEdits,
  type ConcurrentTrace,
  codePointEditsToUtf16,
  linearize,
  loadTrace,
  type Patch,
  replayConcurrent,
} from "./traces.ts";

const OWN = "fixtures/traces";
const actor = new Uint8Array(16).fill(7);

const folders = [OWN, process.env["DUNLIN_TRACES"]].filter((folder) => folder !== undefined && folder !== "");
const paths = folders.flatMap((folder) =>
  readdirSync(folder as string)
    .filter((name) => name.endsWith(".json.gz"))
    .map((name) => join(folder as string, name)),
);

describe("recorded histories", () => {
  it.each(paths)("%s", (path) => {
    const trace = loadTrace(path);
    if (trace.kind === "concurrent") {
      const { joins, replicas } = replayConcurrent(trace);
      expect(replicas.length).toBeGreaterThanOrEqual(trace.agents);
      for (const replica of replicas) expect(replica.toString() === trace.endContent).toBe(true);
      expect(blocksOf(replicas[1] as TextState)).toEqual(blocksOf(replicas[0] as TextState));
      expect(joins.length).toBe(trace.transactions.length);
      return;
    }
    const text = new TextState();
    text.insert(actor, 0, trace.startContent);
    const remote = new TextState();
    const edits = codePointEditsToUtf16(trace.patches, trace.startContent);
    edits.forEach(([position, deleteCount, inserted], i) => {
      text.delete(actor, position, deleteCount);
      text.insert(actor, position, inserted);
      if (i % 100 !== 99 && i !== edits.length - 1) return;
      const join = text.takeJoin();
      if (join !== undefined) expect(remote.apply(join, actor).ok).toBe(true);
    });
    expect(text.toString() === trace.endContent).toBe(true);
    expect(remote.toString() === trace.endContent).toBe(true);
    const blocks = text.takeDirty();
    const loaded = TextState.load(blocks);
    expect(loaded.ok && loaded.value.toString() === trace.endContent).toBe(true);
    expect(blocksOf(remote)).toEqual(sorted(blocks));
  });

  it("of several writers come in one order that ends the same", () => {
    const trace = loadTrace(join(OWN, "field-notes.json.gz")) as ConcurrentTrace;
    expect(applyEdits("", linearize(trace))).toBe(trace.endContent);
  });

  it("of the project's own are what their maker makes", () => {
    expect(makeSequential(LETTER, 1).endContent).toBe(loadTrace(join(OWN, "letter.json.gz")).endContent);
    expect(makeConcurrent(SHARED, 3).endContent).toBe(loadTrace(join(OWN, "field-notes.json.gz")).endContent);
  });
});

describe("replayConcurrent", () => {
  it("gives an agent that forks a replica of its own for each line", () => {
    const insert = (parents: number[], agent: number, position: number, inserted: string) => ({
      parents,
      agent,
      patches: [[position, 0, inserted] as const],
    });
    const transactions = [
      insert([], 0, 0, "ac"),
      insert([0], 0, 1, "b"),
      insert([0], 0, 2, "d\ud83d\ude00"),
      insert([1, 2], 1, 5, "e"),
    ];
    const trace: ConcurrentTrace = { kind: "concurrent", endContent: "abcd\ud83d\ude00e", agents: 2, transactions };
    expect(replayConcurrent(trace).replicas.map(String)).toEqual(Array.from({ length: 3 }, () => trace.endContent));
    expect(applyEdits("", linearize(trace))).toBe(trace.endContent);
  });
});

describe("codePointEditsToUtf16", () => {
  it("counts a code point outside the basic plane as two units", () => {
    const edits: Patch[] = [
      [0, 0, "a\ud83d\ude00b\ud83c\udf70"],
      [2, 1, ""],
      [1, 1, "xy"],
      [3, 1, "z"],
    ];
    expect(applyEdits("", codePointEditsToUtf16(edits))).toBe("axyz");
    expect(applyEdits("\ud83d\ude00!", codePointEditsToUtf16([[1, 1, "?"]], "\ud83d\ude00!"))).toBe("\ud83d\ude00?");
  });
});

function blocksOf(text: TextState): string[] {
  return sorted(text.takeDirty());
}

function sorted(blocks: ReturnType<TextState["takeDirty"]>): string[] {
  return blocks.map(({ actor: owner, block, bytes }) => `${owner.join()}/${block}:${bytes.join()}`).sort();
}
