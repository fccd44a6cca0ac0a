/** Keeps the calls of a node as they are made, the newest ones, in at most so many bytes. */
import { appendFileSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Metrics } from "@dunlin/core/metrics";
import { encodeRecording, type Recorded, type Recording } from "@dunlin/runtime";
import { RECORDING_SEGMENTS } from "../limits.ts";
import { listSegments, RECORDINGS_FOLDER, readSegment, type Segment, segmentName } from "./segments.ts";

export interface RecorderPorts {
  readonly home: string;
  readonly bytesMax: number;
  readonly nowMs: () => number;
  readonly metrics: Metrics;
}

export type CallToKeep = Recorded & Pick<Recording, "contextId" | "applicationId">;

export class CallRecorder {
  readonly #ports: RecorderPorts;
  readonly #segments: { path: string; bytes: number }[];
  #next: number;
  #lines: string[] = [];

  /** Goes on after the last call that a worker before it has kept. */
  constructor(ports: RecorderPorts) {
    this.#ports = ports;
    mkdirSync(join(ports.home, RECORDINGS_FOLDER), { recursive: true, mode: 0o700 });
    const segments = listSegments(ports.home);
    this.#next = 1 + lastCallOf(segments);
    this.#segments = [...segments];
    this.#begin();
  }

  /** Kept with the next turn of the event loop; one that is too large is not. */
  add(call: CallToKeep): void {
    const { nowMs, metrics } = this.#ports;
    const line = encodeRecording({ call: this.#next, atMs: nowMs(), ...call });
    if (line === undefined) return metrics.counter("node.recordings_skipped").add();
    this.#next++;
    this.#lines.push(line);
    if (this.#lines.length === 1) setImmediate(() => this.flush());
  }

  flush(): void {
    if (this.#lines.length === 0) return;
    const text = `${this.#lines.join("\n")}\n`;
    this.#lines = [];
    try {
      this.#write(text);
    } catch {
      // A full disk fails the store's own writes, which are told of; recordings are not worth a call.
      this.#ports.metrics.counter("node.recordings_skipped").add();
    }
  }

  #write(text: string): void {
    const { bytesMax } = this.#ports;
    const current = this.#segments.at(-1);
    if (!current) return;
    appendFileSync(current.path, text, { mode: 0o600 });
    current.bytes += Buffer.byteLength(text);
    if (current.bytes >= bytesMax / RECORDING_SEGMENTS) this.#begin();
    for (let sum = this.#segments.reduce((all, { bytes }) => all + bytes, 0); sum > bytesMax; ) {
      const oldest = this.#segments.shift();
      if (!oldest) return;
      sum -= oldest.bytes;
      rmSync(oldest.path, { force: true });
      if (this.#segments.length === 0) this.#begin();
    }
  }

  #begin(): void {
    const path = join(this.#ports.home, RECORDINGS_FOLDER, segmentName(this.#next + this.#lines.length));
    if (this.#segments.at(-1)?.path !== path) this.#segments.push({ path, bytes: 0 });
  }
}

function lastCallOf(segments: readonly Segment[]): number {
  for (const segment of segments.toReversed()) {
    let last = segment.firstCall - 1;
    for (const { call } of readSegment(segment)) last = Math.max(last, call);
    if (segment.bytes > 0) return last;
  }
  return 0;
}
