/** What a host operation is: its name for the guest, whether it writes, and what it does with its arguments. */
import type { Value } from "@dunlin/core/crdt";
import type { Frame } from "../frame.ts";

export interface Operation {
  readonly name: string;
  /** Refused in a query before its arguments are looked at. */
  readonly writes: boolean;
  /** It follows from the call alone: nothing of the state, nor of this machine. */
  readonly isPure?: boolean;
  readonly run: (frame: Frame) => Value | undefined;
}

export function reads(name: string, run: Operation["run"]): Operation {
  return { name, writes: false, run };
}

/** Writes, and answers. */
export function makes(name: string, run: Operation["run"]): Operation {
  return { name, writes: true, run };
}

/** Writes, and answers nothing. */
export function writes(name: string, act: (frame: Frame) => unknown): Operation {
  return makes(name, (frame) => {
    act(frame);
    return undefined;
  });
}
