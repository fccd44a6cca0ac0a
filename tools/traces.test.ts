import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { linearize, replayConcurrent } from "../examples/notes/src/histories.ts";
import {
  applyEdits,
  type ConcurrentTrace,
  codePointEditsToUtf16,
  loadTrace,
  type Patch,
  readTrace,
} from "../examples/notes/src/traces.ts";
import { type TextBlock, TextState } from "../packages/core/src/crdt/index.ts";
import { makeConcurrent, makeSequential } from "./make-trace.ts";
import { LETTER, SHARED } from "./trace-prose.ts";

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

describe("readTrace", () => {
  const read = (value: unknown) => readTrace(new TextEncoder().encode(JSON.stringify(value)));

  it("names what is wrong", () => {
    const txns = [{ patches: [[0, 0, "a"]], parents: [], agent: 0 }];
    const wrong: [unknown, RegExp][] = [
      [[], /no object/],
      [{ txns }, /endContent/],
      [{ endContent: "a", startContent: 1, txns }, /endContent/],
      [{ endContent: "a" }, /txns is no list/],
      [{ endContent: "a", txns: [{ patches: [[0, 0, "a"]] }, {}] }, /txns\[1\]\.patches/],
      [{ endContent: "a", txns: [{ patches: [[-1, 0, "a"]] }] }, /txns\[0\]/],
      [{ endContent: "a", txns: [{ patches: [[0, 0]] }] }, /txns\[0\]/],
      [{ kind: "concurrent", endContent: "a", txns: [{ ...txns[0], parents: [0] }] }, /txns\[0\]/],
      [{ kind: "concurrent", endContent: "a", txns: [{ patches: [] }] }, /txns\[0\]/],
      [{ kind: "concurrent", startContent: "b", endContent: "a", txns }, /empty text/],
    ];
    for (const [value, why] of wrong) {
      const result = read(value);
      expect(result.ok ? "taken" : result.error.message).toMatch(why);
    }
    expect(readTrace(Uint8Array.of(0x1f, 0x8b, 1)).ok).toBe(false);
    expect(readTrace(Uint8Array.of(255)).ok).toBe(false);
    expect(read({ endContent: "a", txns })).toMatchObject({
      ok: true,
      value: { kind: "sequential", startContent: "" },
    });
  });
});

function blocksOf(text: TextState): string[] {
  return sorted(text.takeDirty());
}

function sorted(blocks: Iterable<TextBlock>): string[] {
  return [...blocks].map(({ actor: owner, block, bytes }) => `${owner.join()}/${block}:${bytes.join()}`).sort();
}
