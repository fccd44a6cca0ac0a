/**
 * The entries of a map as columns. The body of a page, after its header:
 *
 *   keys (texts) | actors | stamps | runs | values that are texts (texts) | other contents, one after another
 *   runs        number of runs (varint), each its length (varint): texts and other contents in turns, texts first
 *
 * The first run may be empty, no other is.
 */
import { type ActorId, type Reader, Writer } from "../../base/index.ts";
import { type Content, readContent, writeContent } from "../content.ts";
import { ENTRY_KEY_BYTES_MAX, VALUE_BYTES_MAX } from "../limits.ts";
import type { Intern } from "../origin.ts";
import { readActors, readStamps, readTexts, writeActors, writeStamps } from "./columns.ts";
import type { RankedTexts } from "./ranked-texts.ts";

/** Columns of equal length. */
export interface MapPage {
  readonly keys: readonly string[];
  readonly contents: readonly Content[];
  readonly stamps: Float64Array;
  readonly actors: readonly ActorId[];
}

/** The entries of a map in the order of pages, to be written: columns by rank. */
export interface RankedEntries {
  readonly keys: RankedTexts;
  readonly texts: RankedTexts;
  readonly stamps: Float64Array;
  readonly actors: Uint32Array;
  /** Actors by the numbers of their column. */
  readonly actorList: readonly ActorId[];
  contentAt(rank: number): Content;
}

const others = new Writer();

/** The entries of these ranks, at least one. */
export function writeMapPage(writer: Writer, entries: RankedEntries, from: number, to: number): void {
  entries.keys.write(writer, from, to);
  writeActors(writer, entries.actors.subarray(from, to), entries.actorList);
  writeStamps(writer, entries.stamps.subarray(from, to));
  writeContents(writer, entries, from, to);
}

/** The reader fails on what is not the canonical form of the columns; order and uniqueness of keys are the caller's. */
export function readMapPage(reader: Reader, count: number, intern: Intern): MapPage {
  const keys = readTexts(reader, count, ENTRY_KEY_BYTES_MAX);
  const actors = readActors(reader, count, intern);
  const stamps = readStamps(reader, count);
  const contents = readContents(reader, count, intern);
  if (!reader.failed && !keys.every(fitsKey)) reader.fail();
  for (const stamp of stamps) if (stamp === 0) reader.fail();
  return { keys, contents, stamps, actors };
}

function writeContents(writer: Writer, entries: RankedEntries, from: number, to: number): void {
  const runs: number[] = [];
  others.reset();
  let [isTextRun, run] = [true, 0];
  for (let rank = from; rank < to; rank++) {
    const isText = entries.texts.has(rank);
    if (isText !== isTextRun) {
      runs.push(run);
      [isTextRun, run] = [isText, 0];
    }
    run++;
    if (!isText) writeContent(others, entries.contentAt(rank));
  }
  runs.push(run);
  writer.varint(runs.length);
  for (const length of runs) writer.varint(length);
  entries.texts.write(writer, from, to);
  writer.raw(others.view());
}

function readContents(reader: Reader, count: number, intern: Intern): Content[] {
  const runs = readRuns(reader, count);
  let textCount = 0;
  for (let run = 0; run < runs.length; run += 2) textCount += runs[run] as number;
  const texts = readTexts(reader, textCount, VALUE_BYTES_MAX);
  const contents: Content[] = [];
  let textAt = 0;
  for (let run = 0; run < runs.length && !reader.failed; run++) {
    for (let i = 0; i < (runs[run] as number) && !reader.failed; i++) {
      contents.push(run % 2 === 0 ? texts[textAt++] : readOther(reader, intern));
    }
  }
  return contents;
}

/** As many runs as cover `count` entries. */
function readRuns(reader: Reader, count: number): number[] {
  const runCount = reader.count(count + 1);
  const runs: number[] = [];
  let covered = 0;
  for (let i = 0; i < runCount && !reader.failed; i++) {
    const run = reader.varint();
    if (run === 0 && i > 0) reader.fail();
    covered += run;
    runs.push(run);
  }
  if (covered !== count) reader.fail();
  return reader.failed ? [] : runs;
}

function readOther(reader: Reader, intern: Intern): Content {
  const content = readContent(reader, intern);
  if (typeof content === "string") reader.fail();
  return content;
}

/** A unit takes up to three bytes, so most keys need no second look. */
function fitsKey(key: string): boolean {
  if (key.length * 3 <= ENTRY_KEY_BYTES_MAX) return true;
  others.reset();
  return others.utf8(key).length <= ENTRY_KEY_BYTES_MAX;
}
