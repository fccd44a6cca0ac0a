/**
 * The recorded calls of a node: files in `recordings/` of its home, each named by the number of its first call and one
 * line per call. The oldest go when all are more than they may be. They are for looking back: nothing depends on them,
 * they are not flushed, and what a crash cut off is passed over.
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { decodeRecording, type Recording } from "@dunlin/runtime";
import { RECORDING_SEGMENT_BYTES_MAX } from "../limits.ts";

export const RECORDINGS_FOLDER = "recordings";
const NAME = /^(\d{1,15})\.jsonl$/;

export interface Segment {
  readonly path: string;
  readonly firstCall: number;
  readonly bytes: number;
}

export function segmentName(firstCall: number): string {
  return `${firstCall}.jsonl`;
}

/** Oldest first; none when nothing was ever recorded. */
export function listSegments(home: string): Segment[] {
  const folder = join(home, RECORDINGS_FOLDER);
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch (thrown) {
    if (thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT") return [];
    throw thrown;
  }
  return names
    .flatMap((name) => {
      const number = NAME.exec(name)?.[1];
      const path = join(folder, name);
      return number === undefined ? [] : [{ path, firstCall: Number(number), bytes: statSync(path).size }];
    })
    .sort((a, b) => a.firstCall - b.firstCall);
}

/** Its recordings, oldest first, without what is none. */
export function* readSegment({ path, bytes }: Segment): Generator<Recording> {
  if (bytes > RECORDING_SEGMENT_BYTES_MAX) return;
  for (const line of readFileSync(path, "utf8").split("\n")) {
    const recording = line === "" ? undefined : decodeRecording(line);
    if (recording) yield recording;
  }
}

/** Every recorded call of a home, oldest first. */
export function* readRecordings(home: string): Generator<Recording> {
  for (const segment of listSegments(home)) yield* readSegment(segment);
}
