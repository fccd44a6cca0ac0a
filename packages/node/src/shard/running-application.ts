/**
 * Which application a context runs: the one that was founded with it, or the last that an admin has given it. Loaded at
 * the first call, and again when another takes its place.
 *
 * Whoever upgrades has the new application migrate what the one before left, if it has a migration; until that is done
 * calls are refused everywhere (`migration.ts`). An upgrade that stopped halfway goes on when it is asked for again.
 */
import type { ApiErrorCode, UpgradeOutcome } from "@dunlin/api";
import {
  applicationId,
  bytesEqual,
  type Err,
  err,
  type Failure,
  ok,
  type Result,
  type Signer,
  textToId,
} from "@dunlin/core/base";
import type { Replica, RunCall } from "@dunlin/core/replica";
import type { Engines, LoadedApplication } from "./engines.ts";
import { foreseeMigration, isMigrationDue, marked } from "./migration.ts";

export interface RunningPorts {
  readonly engines: Engines;
  readonly replica: Replica;
  readonly signer: Signer;
  /** The migration of an application, as a call. */
  readonly migration: (application: LoadedApplication, from: MigratedFrom) => RunCall<unknown> | undefined;
}

/** What ran before. */
export interface MigratedFrom {
  readonly version: string | null;
}

export class RunningApplication {
  readonly #ports: RunningPorts;
  #loaded: LoadedApplication | undefined;

  constructor(ports: RunningPorts) {
    this.#ports = ports;
  }

  /** At once after the first time. */
  load(): Result<LoadedApplication> | Promise<Result<LoadedApplication>> {
    const loaded = this.#loaded;
    return loaded && this.#isCurrent(loaded.id) ? ok(loaded) : this.#loadCurrent();
  }

  /** Has the context run this application from here on, after checking that it can; or says what that would do. */
  async upgradeTo(wanted: string, { dryRun }: { readonly dryRun: boolean }): Promise<Result<UpgradeOutcome>> {
    const id = textToId(wanted);
    if (!id) return err<ApiErrorCode>("PARAMS_INVALID", "applicationId is not an id in base58");
    const application = applicationId(id);
    const { engines, replica, signer } = this.#ports;
    const may = engines.mayRun([...replica.applications, application]);
    if (!may.ok) return may;
    const loaded = await engines.get(application);
    if ("ok" in loaded && !loaded.ok) return loaded;
    const next = "ok" in loaded ? loaded.value : loaded;
    const migration = this.#dueMigration(next);
    if (dryRun) return this.#foresee(next, migration);
    if (replica.roleOf(signer.publicKey) !== "admin") return adminOnly();
    if (!this.#isCurrent(application)) {
      const declared = await replica.declare({ kind: "upgrade", application });
      if (!declared.ok) return declared;
    }
    if (!migration) return ok({ migrated: false });
    const migrated = await replica.call(marked(replica, migration));
    return migrated.ok ? ok({ migrated: true }) : unfinished(migrated.error);
  }

  async #foresee(next: LoadedApplication, migration: RunCall<unknown> | undefined): Promise<Result<UpgradeOutcome>> {
    if (next.kind === "guest" || !migration) return ok({ migrated: false, differences: [] });
    const found = await foreseeMigration(this.#ports.replica, next.engine.description.state, migration);
    if (!found.ok) return found;
    const differences = found.value.map(({ path, here, there }) => ({ path, before: here, after: there }));
    return ok({ migrated: true, differences });
  }

  /** The application may be another one when it is loaded. */
  async #loadCurrent(): Promise<Result<LoadedApplication>> {
    const { engines, replica } = this.#ports;
    for (;;) {
      const { applications } = replica;
      const id = applications.at(-1);
      if (!id) return err<ApiErrorCode>("CONTEXT_UNINITIALIZED", "the context's first delta has not arrived yet");
      const may = engines.mayRun(applications);
      if (!may.ok) return may;
      const found = engines.get(id);
      const loaded = found instanceof Promise ? await found : ok(found);
      if (!this.#isCurrent(id)) continue;
      if (!loaded.ok) return applications.length === 1 ? loaded : afterUpgrade(loaded.error);
      if (this.#dueMigration(loaded.value)) return notMigrated();
      this.#loaded = loaded.value;
      return loaded;
    }
  }

  #dueMigration(next: LoadedApplication): RunCall<unknown> | undefined {
    const { engines, replica, migration } = this.#ports;
    if (!isMigrationDue(replica, next)) return undefined;
    const before = replica.applications.findLast((id) => !bytesEqual(id, next.id));
    return migration(next, { version: before ? engines.versionOf(before) : null });
  }

  #isCurrent(id: Uint8Array): boolean {
    const { application } = this.#ports.replica;
    return application !== undefined && bytesEqual(application, id);
  }
}

/** The context ran another application here before. */
function afterUpgrade({ code, message }: Failure): Err<Failure> {
  return { ok: false, error: { code, message: `an admin has upgraded the context, and ${message}` } };
}

function adminOnly(): Err<Failure> {
  return err("ACCESS_DENIED", "only an admin of the context may change its application");
}

function notMigrated(): Err<Failure<ApiErrorCode>> {
  const why = "an admin has upgraded the context, and what the application before left is not migrated yet";
  return err("MIGRATION_DUE", `${why}: wait for the admin's node, or upgrade again there`);
}

function unfinished({ code, message }: Failure): Err<Failure> {
  const rest = "the context is upgraded and not migrated: calls are refused until an upgrade to a version that can";
  return { ok: false, error: { code, message: `${message}; ${rest}` } };
}
