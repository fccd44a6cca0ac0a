/**
 * Recorded editing histories through the text of core: every edit with a join of its own, as an editor that sends each
 * keystroke. The joins go into one buffer, and each can be told from the next. The first run of a process is the cold
 * one. Times are the main thread's. Beside it a gap buffer: the same edits of one plain text.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { packBlock, Writer } from "@dunlin/core/base";
import { type TextBlock, TextState } from "@dunlin/core/crdt";
import { zlibCompression } from "@dunlin/store/compression";
import type { Figures } from "../isolated.ts";
import { check, keep } from "../measure.ts";
import { GapBuffer } from "../reference/gap-buffer.ts";
import { openDocument, originAfter } from "../subject.ts";
import { type ConcurrentTrace, type Edits, readConcurrentTrace, readTrace } from "../trace.ts";
import { timeOnCpu } from "./on-cpu.ts";
import { Samples } from "./samples.ts";

const actor = new Uint8Array(16).fill(1);
const LEVEL = 6;
const otherActor = new Uint8Array(16).fill(2);

/** What a history comes to, for the cases that receive and load it. */
interface Replayed {
  readonly blocks: readonly (readonly [block: number, bytes: string])[];
  readonly joins: string;
  readonly ends: readonly number[];
}

/** `input` is the trace; what it comes to is left in `<output>`. */
export function replayText(runs: number, input: string): Figures {
  const [path = "", output = ""] = input.split("\n");
  const trace = readTrace(path);
  const samples = new Samples();
  for (let run = 0; run < runs; run++) {
    const text = openText([]);
    const joins = timeOnCpu(samples, "replay", () => editAll(text, trace));
    check(text.toString() === trace.end, "the history ends as recorded");
    const blocks = samples.time("encode", () => [...text.takeDirty()]);
    if (run > 0) continue;
    samples.add("rawBytes", sum(blocks.map(({ bytes }) => bytes.length)));
    samples.add("joinBytes", joins.bytes.length);
    samples.add("pageBytes", pageBytes(trace));
    const replayed: Replayed = {
      blocks: blocks.map(({ block, bytes }) => [block, Buffer.from(bytes).toString("base64")]),
      joins: Buffer.from(joins.bytes).toString("base64"),
      ends: [...joins.ends.subarray(0, joins.count)],
    };
    writeFileSync(output, JSON.stringify(replayed));
  }
  return samples.figures;
}

/** `input` is the trace and what `replayText` left, here and below. */
export function receiveText(runs: number, input: string): Figures {
  const [path = "", output = ""] = input.split("\n");
  const { joins, ends } = readReplayed(output);
  const bytes = Uint8Array.from(Buffer.from(joins, "base64"));
  const samples = new Samples();
  for (let run = 0; run < runs; run++) {
    const text = openText([]);
    timeOnCpu(samples, "receive", () => {
      let start = 0;
      for (let i = 0; i < ends.length; i++) {
        const end = ends[i] as number;
        if (!text.apply(bytes.subarray(start, end), actor).ok) throw new Error("a join was refused");
        start = end;
      }
    });
    if (run === 0) check(text.toString() === readTrace(path).end, "the history ends as recorded");
  }
  return samples.figures;
}

export function loadText(runs: number, input: string): Figures {
  const [path = "", output = ""] = input.split("\n");
  const blocks = readReplayed(output).blocks.map(
    ([block, bytes]): TextBlock => ({ actor, block, bytes: Uint8Array.from(Buffer.from(bytes, "base64")) }),
  );
  const samples = new Samples();
  for (let run = 0; run < runs; run++) {
    const text = timeOnCpu(samples, "load", () => openText(blocks));
    if (run === 0) check(text.toString() === readTrace(path).end, "the text was loaded as stored");
    keep(text);
  }
  return samples.figures;
}

export function plainText(runs: number, input: string): Figures {
  const { positions, deleted, inserted, end } = readTrace(input.split("\n")[0] ?? "");
  const samples = new Samples();
  for (let run = 0; run < runs; run++) {
    const text = timeOnCpu(samples, "plainReplay", () => {
      const buffer = new GapBuffer();
      for (let i = 0; i < inserted.length; i++) {
        buffer.splice(positions[i] as number, deleted[i] as number, inserted[i] as string);
      }
      return buffer;
    });
    check(text.toString() === end, "the history ends as recorded");
  }
  return samples.figures;
}

/** Two writers at once: both replicas, every join made by one and taken in by the other. */
export function mergeText(runs: number, input: string): Figures {
  const trace = readConcurrentTrace(input);
  const samples = new Samples();
  for (let run = 0; run < runs; run++) {
    const replicas = [new Replica(actor), new Replica(otherActor)] as const;
    timeOnCpu(samples, "merge", () => editBoth(replicas, trace));
    for (const { text } of replicas) check(text.toString() === trace.end, "the history ends as recorded");
  }
  return samples.figures;
}

class Replica {
  readonly actor: Uint8Array;
  readonly text: TextState = openText([]);
  readonly #joins = new Writer();
  readonly #ends: number[] = [];
  #received = 0;
  #receivedBytes = 0;

  constructor(actor: Uint8Array) {
    this.actor = actor;
  }

  edit(edits: Edits, i: number): void {
    edit(this.text, this.actor, edits, i);
    this.text.writeJoin(this.#joins);
    this.#ends.push(this.#joins.length);
  }

  /** Takes in the joins of the other's edits up to the `count`th; of all when it is left out. */
  receive(other: Replica, count: number = other.#ends.length): void {
    if (count <= this.#received) return;
    const joins = other.#joins.view();
    for (; this.#received < count; this.#received++) {
      const end = other.#ends[this.#received] as number;
      const applied = this.text.apply(joins.subarray(this.#receivedBytes, end), other.actor);
      if (!applied.ok) throw new Error("a join was refused");
      this.#receivedBytes = end;
    }
  }
}

function editBoth(replicas: readonly [Replica, Replica], { writers, seen, ...edits }: ConcurrentTrace): void {
  for (let i = 0; i < writers.length; i++) {
    const own = replicas[writers[i] as 0 | 1];
    own.receive(replicas[writers[i] === 0 ? 1 : 0], seen[i] as number);
    own.edit(edits, i);
  }
  const [left, right] = replicas;
  left.receive(right);
  right.receive(left);
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

function editAll(text: TextState, edits: Edits): Joins {
  const writer = new Writer();
  const ends = new Uint32Array(edits.inserted.length);
  let count = 0;
  for (let i = 0; i < ends.length; i++) {
    edit(text, actor, edits, i);
    if (text.writeJoin(writer)) ends[count++] = writer.length;
  }
  return { bytes: writer.toBytes(), ends, count };
}

function edit(text: TextState, by: Uint8Array, { positions, deleted, inserted }: Edits, i: number): void {
  const position = positions[i] as number;
  const count = deleted[i] as number;
  const content = inserted[i] as string;
  if (count > 0) text.delete(by, position, count);
  if (content !== "") text.insert(by, position, content);
}

/** Of a document with this text alone, compressed as pages are where they are kept. */
function pageBytes({ positions, deleted, inserted }: Edits): number {
  const document = openDocument();
  const transaction = document.begin(originAfter(document));
  const text = transaction.field("text", "text");
  for (let i = 0; i < inserted.length; i++) {
    text.delete(positions[i] as number, deleted[i] as number);
    text.insert(positions[i] as number, inserted[i] as string);
  }
  transaction.commit();
  return sum(document.encodeState().map((page) => packBlock(page, zlibCompression, { level: LEVEL }).length));
}

function readReplayed(path: string): Replayed {
  return JSON.parse(readFileSync(path, "utf8")) as Replayed;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
