/** What a commit is, as it is told: the deltas in it, and where it left the context. */
import type { DeltaId } from "../base/index.ts";
import type { AuthenticDelta, Graph, VersionVector } from "../dag/index.ts";
import { eventsOf } from "./apply.ts";
import type { EntryEvent, PayloadEntry } from "./payload.ts";

/** A flushed commit, as told to subscribers and peers. */
export interface Commit {
  readonly deltas: readonly CommittedDelta[];
  /** As in `Frontier`. */
  readonly root: Uint8Array | undefined;
  /** The state was put in place as a whole: anything may have changed. */
  readonly isAnew?: boolean;
}

export interface CommittedDelta {
  readonly delta: AuthenticDelta;
  readonly local: boolean;
  readonly entries: readonly PayloadEntry[];
  readonly events: readonly EntryEvent[];
}

/** What a commit made: heads, the root of exactly them, and the last sequences held. */
export interface Frontier {
  readonly heads: readonly DeltaId[];
  /** Undefined when nobody had asked before and the state in memory has gone on: ask again after the next commit. */
  readonly root: Uint8Array | undefined;
  readonly vector: VersionVector;
  readonly count: number;
}

/** A delta that is in the graph and the state, with what its payload says. */
export interface Staged {
  readonly delta: AuthenticDelta;
  readonly entries: readonly PayloadEntry[];
  readonly local: boolean;
}

/** The commit of these deltas, which left the context at `frontier`; its root is asked for no sooner than there. */
export function createCommit(staged: readonly Staged[], frontier: Frontier): Commit {
  return {
    deltas: staged.map(({ delta, entries, local }) => ({ delta, local, entries, events: eventsOf(entries) })),
    get root(): Uint8Array | undefined {
      return frontier.root;
    },
  };
}

/** Where the graph stands now. Each who reads the root asks for it, with what is known of it so far. */
export function createFrontier(
  graph: Graph,
  known: Uint8Array | undefined,
  ask: (root: Uint8Array | undefined, count: number) => Uint8Array | undefined,
): Frontier {
  const count = graph.size;
  let root = known;
  return {
    heads: graph.heads().map((order) => graph.idOf(order)),
    vector: graph.vector(),
    count,
    get root(): Uint8Array | undefined {
      root = ask(root, count);
      return root;
    },
  };
}
