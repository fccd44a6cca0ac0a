/**
 * A recorded editing history through the text of core: every edit with a join of its own, as an editor that sends each
 * keystroke. The joins go into one buffer, and each can be told from the next. The first run of a process is the cold one. Beside it a gap buffer: the same edits of one plain text.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { Writer } from "@dunlin/core/base";
import { type TextBlock, TextState } from "@dunlin/core/crdt";
import type { Figures } from "../isolated.ts";
import { keep } from "../measure.ts";
import { GapBuffer } from "../reference/gap-buffer.ts";
import { type Edit, readTrace } from "../trace.ts";
import { Samples } from "./samples.ts";

const actor = new Uint8Array(16).fill(1);

/** `input` is the trace; what it comes to is left beside `<output>`, for `loadText`. */
export function replayText(runs: number, input: string): Figures {
  const [path = "", output = ""] = input.split("\n");
  const { edits, end } = readTrace(path);
  const samples = new Samples();
  for (let run = 0; run < runs; run++) {
    const text = openText([]);
    const joins = samples.time("replay", () => editAll(text, edits));
    if (text.toString() !== end) throw new Error("the history does not end as recorded");
    const reader = openText([]);
    samples.time("receive", () => {
      let start = 0;
      for (let i = 0; i < joins.count; i++) {
        const end = joins.ends[i] as number;
        if (!reader.apply(joins.bytes.subarray(start, end), actor).ok) throw new Error("a join was refused");
        start = end;
      }
    });
    const blocks = samples.time("encode", () => [...text.takeDirty()]);
    if (run > 0) continue;
    samples.add("rawBytes", sum(blocks.map(({ bytes }) => bytes.length)));
    samples.add("joinBytes", joins.bytes.length);
    writeFileSync(
      output,
      JSON.stringify(blocks.map(({ block, bytes }) => [block, Buffer.from(bytes).toString("base64")])),
    );
  }
  return samples.figures;
}

/** `input` is the trace and what `replayText` left. */
export function loadText(runs: number, input: string): Figures {
  const [path = "", output = ""] = input.split("\n");
  const stored = JSON.parse(readFileSync(output, "utf8")) as [number, string][];
  const blocks = stored.map(
    ([block, bytes]): TextBlock => ({ actor, block, bytes: Uint8Array.from(Buffer.from(bytes, "base64")) }),
  );
  const samples = new Samples();
  const first = samples.time("load", () => openText(blocks));
  if (first.toString() !== readTrace(path).end) throw new Error("the text was not loaded as stored");
  for (let run = 1; run < runs; run++) samples.time("load", () => keep(openText(blocks)));
  return samples.figures;
}

export function plainText(runs: number, input: string): Figures {
  const { edits, end } = readTrace(input.split("\n")[0] ?? "");
  const samples = new Samples();
  for (let run = 0; run < runs; run++) {
    const text = samples.time("plainReplay", () => {
      const buffer = new GapBuffer();
      for (const [position, deleted, inserted] of edits) buffer.splice(position, deleted, inserted);
      return buffer;
    });
    if (text.toString() !== end) throw new Error("the history does not end as recorded");
  }
  return samples.figures;
}

function openText(blocks: readonly TextBlock[]): TextState {
  const loaded = TextState.load(blocks);
  if (!loaded.ok) throw new Error(loaded.error.message);
  return loaded.value;
}

interface Joins {
  readonly bytes: Uint8Array;
  readonly ends: Uint32Array;
  readonly count: number;
}

function editAll(text: TextState, edits: readonly Edit[]): Joins {
  const writer = new Writer();
  const ends = new Uint32Array(edits.length);
  let count = 0;
  for (const [position, deleted, inserted] of edits) {
    if (deleted > 0) text.delete(actor, position, deleted);
    if (inserted !== "") text.insert(actor, position, inserted);
    if (text.writeJoin(writer)) ends[count++] = writer.length;
  }
  return { bytes: writer.toBytes(), ends, count };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
