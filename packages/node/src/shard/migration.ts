/**
 * Migration of a context's state to the form of the application that an admin has given it.
 *
 * It runs once, as a call on the admin's node: what it writes is a delta like any other, so all members end with the same
 * whatever they run, and what others wrote before they heard of the upgrade is merged by the rules of the types. A mark
 * goes with it in the same delta: a register that no application can declare, which says which of the context's
 * applications, in their order, has migrated. One that is given the context again, after another, migrates again.
 */
import { bytesEqual, idToText, must, ok, type Result } from "@dunlin/core/base";
import type { Replica, RunCall } from "@dunlin/core/replica";
import { type Difference, differences, dumpState, type StateField } from "@dunlin/runtime";
import type { LoadedApplication } from "./engines.ts";

/** Names of applications' fields have no such sign. */
const MARK = "$migrated";
/** The end of a call that only looks: it leaves no trace. */
const LOOKED = "MIGRATION_LOOKED_AT";

/** Whether the application has a migration that has not run. What a context was founded with has nothing to migrate. */
export function isMigrationDue({ applications, document }: Replica, next: LoadedApplication): boolean {
  if (next.kind === "guest" || !next.engine.description.migrates) return false;
  const current = applications.at(-1);
  if (!current || !bytesEqual(current, next.id)) return true;
  return applications.length > 1 && document.field("register", MARK).get() !== markOf(applications);
}

/** The migration to the context's application, with the mark that says that it ran. */
export function marked({ applications }: Replica, migration: RunCall<unknown>): RunCall<unknown> {
  return (transaction, meta) => {
    const outcome = migration(transaction, meta);
    if (outcome.ok) transaction.field("register", MARK).set(markOf(applications));
    return outcome;
  };
}

function markOf(applications: readonly Uint8Array[]): string {
  return `${applications.length} ${idToText(must(applications.at(-1), "a context has an application"))}`;
}

/** What a migration would change in these fields. Goes through the whole state. */
export async function foreseeMigration(
  replica: Replica,
  fields: readonly StateField[],
  migration: RunCall<unknown>,
): Promise<Result<readonly Difference[]>> {
  let found: readonly Difference[] = [];
  const looked = await replica.call((transaction, meta) => {
    const before = dumpState(transaction, fields);
    const outcome = migration(transaction, meta);
    if (!outcome.ok) return outcome;
    found = differences(before, dumpState(transaction, fields));
    return { ok: false, error: { code: LOOKED, message: "" } };
  });
  return looked.ok || looked.error.code === LOOKED ? ok(found) : looked;
}
