/**
 * The entries of a map as columns. The body of a page, after its header:
 *
 *   keys (texts) | actors | stamps | runs | values that are texts (texts) | other contents, one after another
 *   runs        number of runs (varint), each its length (varint): texts and other contents in turns, texts first
 *
 * The first run may be empty, no other is.
 */
import { type ActorId, type Reader, type Stamp, Writer } from "../../base/index.ts";
import { type Content, readContent, writeContent } from "../content.ts";
import { ENTRY_KEY_BYTES_MAX, VALUE_BYTES_MAX } from "../limits.ts";
import type { Intern } from "../origin.ts";
import { readActors, readStamps, readTexts, TextColumn, toStamp, writeActors, writeStamps } from "./columns.ts";

/** What is written: entry `i` of a page, of those that a map holds. */
export interface MapEntries {
  keyAt(i: number): string;
  contentAt(i: number): Content;
  stampAt(i: number): Stamp;
  actorAt(i: number): ActorId;
}

export interface MapPage {
  readonly keys: readonly string[];
  readonly contents: readonly Content[];
  readonly stamps: Float64Array;
  readonly actors: readonly ActorId[];
}

const lengths = new Writer();
const bytes = new Writer();
const others = new Writer();

export function writeMapPage(writer: Writer, count: number, entries: MapEntries): void {
  const keys = new TextColumn(lengths, bytes);
  for (let i = 0; i < count; i++) keys.add(entries.keyAt(i));
  keys.write(writer);
  writeActors(writer, count, (i) => entries.actorAt(i));
  writeStamps(writer, count, (i) => entries.stampAt(i));
  writeContents(writer, count, entries);
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

export function stampOf(page: MapPage, i: number): Stamp {
  return toStamp(page.stamps, i);
}

function writeContents(writer: Writer, count: number, entries: MapEntries): void {
  const texts = new TextColumn(lengths, bytes);
  const runs: number[] = [0];
  others.reset();
  for (let i = 0; i < count; i++) {
    const content = entries.contentAt(i);
    const isText = typeof content === "string";
    if (isText !== (runs.length % 2 === 1)) runs.push(0);
    runs[runs.length - 1] = (runs.at(-1) as number) + 1;
    if (isText) texts.add(content);
    else writeContent(others, content);
  }
  writer.varint(runs.length);
  for (const run of runs) writer.varint(run);
  texts.write(writer);
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
  bytes.reset();
  return bytes.utf8(key).length <= ENTRY_KEY_BYTES_MAX;
}
