/** A command that ends with a code of the table: the one way out of a command but success. */
import { errorMapping, isApiErrorCode } from "@dunlin/api";
import type { Failure, Result } from "@dunlin/core/base";

export class CommandFailure extends Error {
  override readonly name = "CommandFailure";
  readonly code: string;
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The value, or the failure thrown. */
export function unwrap<T>(result: Result<T>): T {
  if (!result.ok) throw new CommandFailure(result.error.code, result.error.message);
  return result.value;
}

/** What a person can do about it, where the message of the part that failed cannot know. */
const ADVICE: Readonly<Record<string, string>> = {
  STORE_LOCKED: "another node runs on this home: stop it, or name another folder with --home",
  STORE_CORRUPT: "the store is damaged: restore the home folder from a copy, or start a new one and join again",
  STORE_NEWER: "the store was written by a newer dunlin: install that version",
  STORE_WRITE_FAILED: "the disk refuses writes: make room or check it; a running node tries again by itself",
  LISTEN_FAILED: "the peer-to-peer address is taken: set another with --listen or network.listen",
};

export interface Ending {
  readonly failure: Failure;
  readonly exit: number;
}

/** What was thrown as one line and an exit code; undefined advice leaves the message as it is. */
export function toEnding(error: unknown): Ending {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  const known = error instanceof CommandFailure ? error.code : isApiErrorCode(code) ? code : undefined;
  const message = error instanceof Error ? error.message : String(error);
  if (known === undefined) return { failure: { code: "INTERNAL", message }, exit: errorMapping("INTERNAL").exit };
  const advice = ADVICE[known];
  const full = advice === undefined || message.includes(advice) ? message : `${message} (${advice})`;
  return { failure: { code: known, message: full }, exit: errorMapping(known).exit };
}
