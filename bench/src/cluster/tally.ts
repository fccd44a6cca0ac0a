/**
 * When each call of a measured load was made, and when the last member of this process had it. A call is known by its
 * writer and number, which travel with it as six bytes.
 */
import { must } from "@dunlin/core/base";
import type { WriteRequest } from "./protocol.ts";

const CALLS_MAX = 200_000;
/** Between looks at how many calls are due. */
const STEP_MS = 2;

export class Tally {
  /** In this process. */
  readonly #members: number;
  /** By writer: counts of members here that have the call, when the last got it, and when it was made. */
  #seen: { counts: Uint16Array; lastMs: Float64Array; writtenMs: Float64Array }[] = [];

  constructor(members: number) {
    this.#members = members;
  }

  /** A load of so many writers, all processes together, begins. */
  begin(writers: number): void {
    this.#seen = Array.from({ length: writers }, () => ({
      counts: new Uint16Array(CALLS_MAX),
      lastMs: new Float64Array(CALLS_MAX),
      writtenMs: new Float64Array(CALLS_MAX).fill(Number.NaN),
    }));
  }

  /**
   * Has `call` make the calls of one writer by the clock, whatever becomes of them; gives how many.
   */
  async writeOpenLoop(
    writer: number,
    { perSecondEach, durationMs }: Pick<WriteRequest, "perSecondEach" | "durationMs">,
    call: (number: number, mark: Uint8Array) => void,
  ): Promise<number> {
    const { writtenMs } = must(this.#seen[writer], "a writer");
    const startMs = Date.now();
    for (let made = 0; ; ) {
      const elapsedMs = Date.now() - startMs;
      const due = Math.floor((Math.min(elapsedMs, durationMs) * perSecondEach) / 1000);
      for (; made < due; made++) {
        writtenMs[made] = Date.now();
        call(made, toMark(writer, made));
      }
      if (elapsedMs >= durationMs) return made;
      await new Promise((resolve) => setTimeout(resolve, STEP_MS));
    }
  }

  /** A member of this process has the call of the mark. */
  note(mark: Uint8Array, nowMs: number): void {
    const view = new DataView(mark.buffer, mark.byteOffset);
    const of = this.#seen[view.getUint16(0)];
    const call = view.getUint32(2);
    if (!of) return;
    of.counts[call] = (of.counts[call] ?? 0) + 1;
    of.lastMs[call] = nowMs;
  }

  /** Whether every member here has so many calls of each writer. */
  hasAll(expected: readonly number[]): boolean {
    return expected.every((calls, writer) => {
      const { counts } = must(this.#seen[writer], "a writer");
      for (let call = 0; call < calls; call++) if ((counts[call] ?? 0) < this.#members) return false;
      return true;
    });
  }

  /** As of `Report`. */
  times(): { readonly writtenMs: number[][]; readonly lastMs: number[][] } {
    return {
      writtenMs: this.#seen.map(({ writtenMs }) => trimmed(writtenMs)),
      lastMs: this.#seen.map(({ counts, lastMs }) =>
        [...lastMs.subarray(0, lengthOf(counts))].map((ms, call) => (counts[call] === this.#members ? ms : -1)),
      ),
    };
  }
}

export async function until(holds: () => boolean, deadlineMs: number, what = (): string => "it"): Promise<void> {
  const endMs = Date.now() + deadlineMs;
  while (!holds()) {
    if (Date.now() > endMs) throw new Error(`${what()} did not come about in time`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function toMark(writer: number, call: number): Uint8Array {
  const data = new Uint8Array(6);
  const view = new DataView(data.buffer);
  view.setUint16(0, writer);
  view.setUint32(2, call);
  return data;
}

function trimmed(values: Float64Array): number[] {
  const first = values.findIndex((value) => Number.isNaN(value));
  return [...values.subarray(0, first < 0 ? values.length : first)];
}

function lengthOf(counts: Uint16Array): number {
  let length = counts.length;
  while (length > 0 && counts[length - 1] === 0) length--;
  return length;
}
