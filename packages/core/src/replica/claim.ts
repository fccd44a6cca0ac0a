/** What a delta lays claim to, as far as rights go by it: all of it can be read without a key. */
import { type DeltaId, must } from "../base/index.ts";
import type { AuthenticDelta } from "../dag/index.ts";
import { statementsOf } from "./apply.ts";
import { decodePayload, type PayloadEntry } from "./payload.ts";

export interface Claim {
  /** Access statements, encoded. */
  readonly statements: readonly Uint8Array[];
  /** Whether it has calls, which a reader may not make. */
  readonly writes: boolean;
  /** Whether its calls are sealed, under the epoch that it names or else the actor's previous delta's. */
  readonly isSealed: boolean;
  readonly epoch: DeltaId | undefined;
}

export function claimOf(delta: AuthenticDelta, entries: readonly PayloadEntry[] = readableEntries(delta)): Claim {
  return {
    statements: delta.sealed ? [] : statementsOf(entries),
    writes: delta.sealed || entries.some(({ kind }) => kind === "call"),
    isSealed: delta.sealed,
    epoch: delta.epoch,
  };
}

function readableEntries(delta: AuthenticDelta): readonly PayloadEntry[] {
  return delta.sealed ? [] : (decodePayload(must(delta.payload, "only what is sealed is pruned")) ?? []);
}

/** Whether it lays claim to nothing: it merges heads, or vouches for what waits elsewhere. */
export function isBare({ statements, writes }: Claim): boolean {
  return statements.length === 0 && !writes;
}
