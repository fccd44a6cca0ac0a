/** What a session is at, and why, for whoever watches. */

/** What a session is at, in words for the status. */
export type SessionState =
  /** The peer offered the context and has not proved a member's key. */
  | "proving"
  /** It proved a key that is not (or not yet) a member's here. */
  | "not a member"
  /** Deltas are being pulled. */
  | "catching up"
  /** Everything that the peer last named is here. */
  | "in sync"
  /** The peer holds the same deltas and another state: a bug or damage on one side. */
  | "diverged";

export interface SessionProgress {
  readonly state: SessionState;
  /** Why it is at that, in words. */
  readonly reason: string;
  /** Whether each side is known to have flushed all that the other has. */
  readonly even: boolean;
  readonly lastSuccessMs: number | undefined;
}

/** Why a session is at what it is, where that says it all. */
export function wordsOf(
  state: SessionState,
  { isBehind, isTold }: { readonly isBehind: boolean; readonly isTold: boolean },
): string {
  switch (state) {
    case "proving":
      return "the peer offered this context and has not yet shown a member's key";
    case "not a member":
      return "the peer's key is not a member's in this node's view; it is looked at again after each commit";
    case "diverged":
      return "the peer holds the same deltas and another state";
    case "catching up":
      return isTold
        ? "what the peer named is here and waits: for a clock that is behind its stamps, or for deltas before it"
        : "the peer has not told its state yet";
    case "in sync":
      return isBehind
        ? "all that the peer named is here; the peer reads too slowly and is left to pull"
        : "all that the peer named is here";
  }
}
