/** What a delta lays claim to, as far as rights go by it: all of it can be read without a key. */
import type { AuthenticDelta } from "../dag/index.ts";
import { statementsOf } from "./apply.ts";
import { decodePayload, type PayloadEntry } from "./payload.ts";

export interface Claim {
  /** Access statements, encoded. */
  readonly statements: readonly Uint8Array[];
  /** Whether it has calls, which a reader may not make. */
  readonly writes: boolean;
}

export function claimOf(delta: AuthenticDelta, entries: readonly PayloadEntry[] = readableEntries(delta)): Claim {
  return {
    statements: delta.sealed ? [] : statementsOf(entries),
    writes: delta.sealed || entries.some(({ kind }) => kind === "call"),
  };
}

function readableEntries(delta: AuthenticDelta): readonly PayloadEntry[] {
  return delta.sealed ? [] : (decodePayload(delta.payload) ?? []);
}

/** Whether it lays claim to nothing: it merges heads, or vouches for what waits elsewhere. */
export function isBare({ statements, writes }: Claim): boolean {
  return statements.length === 0 && !writes;
}
