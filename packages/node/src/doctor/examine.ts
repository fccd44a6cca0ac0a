/**
 * A home looked through while no node runs on it: what is wrong with it, in words, with what to do. It repairs
 * nothing, and holds the store's lock meanwhile.
 *
 * What it goes by is not what a node goes by when it starts: every page and row of the store, every signature, every
 * delta joined again from nothing and compared with the stored cells, every file of a blob against its name.
 */
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import type { ApiErrorCode } from "@dunlin/api";
import { type ContextId, err, idKey, idToText, ok, type ReadView, type Result, StoreFailure } from "@dunlin/core/base";
import { createCrypto } from "@dunlin/core/crypto";
import { inspectLmdbStore, type StoreInspection } from "@dunlin/store/lmdb";
import { type ContextRecord, readContexts } from "../shard/directory.ts";
import { examineBlobs } from "./examine-blobs.ts";
import { examineContext } from "./examine-context.ts";
import { examineFiles } from "./examine-files.ts";
import type { Finding, HomeReport } from "./finding.ts";

export interface ExamineOptions {
  readonly home: string;
  readonly nowMs: number;
  /** Told of each context before it is gone through. */
  readonly onContext?: (progress: { readonly at: number; readonly of: number }) => void;
}

/** Fails with `HOME_INVALID`, or `STORE_LOCKED` while a node runs; everything else is a finding. */
export async function examineHome(options: ExamineOptions): Promise<Result<HomeReport>> {
  const { home } = options;
  if (!existsSync(home) || !statSync(home).isDirectory()) {
    return err<ApiErrorCode>("HOME_INVALID", `${home} is no folder: name a home with --home`);
  }
  const findings: Finding[] = [...(await examineFiles(home))];
  const path = join(home, "store");
  if (!existsSync(join(path, "data.mdb"))) {
    findings.push({
      severity: "warning",
      code: "STORE_MISSING",
      where: "store",
      message: "there is no store: no node has run on this home, or it was removed",
      advice: "start a node, or restore a backup to another folder",
    });
    return ok({ rows: 0, contexts: [], findings });
  }
  let inspection: StoreInspection;
  try {
    inspection = await inspectLmdbStore(path);
  } catch (thrown) {
    if (!(thrown instanceof StoreFailure)) throw thrown;
    if (thrown.code === "STORE_LOCKED") return err(thrown.code, thrown.message);
    const advice = "restore a backup to another folder, or move this one away and join the contexts again";
    findings.push({ severity: "error", code: thrown.code, where: "store", message: thrown.message, advice });
    return ok({ rows: 0, contexts: [], findings });
  }
  await using store = inspection;
  return ok(await examineStore(options, store, findings));
}

async function examineStore(
  { home, nowMs, onContext }: ExamineOptions,
  { view, rows, damaged }: StoreInspection,
  findings: Finding[],
): Promise<HomeReport> {
  const crypto = createCrypto();
  const damagedByPrefix = new Map<string, number>();
  for (const key of damaged) {
    const prefix = idKey(key.subarray(0, ID_BYTES) as ContextId);
    damagedByPrefix.set(prefix, (damagedByPrefix.get(prefix) ?? 0) + 1);
  }
  const own = damagedByPrefix.get(OWN_PREFIX) ?? 0;
  if (own > 0) {
    const message = `${own} rows that say which contexts and blobs there are do not have what was written`;
    findings.push({ severity: "error", code: "STORE_CORRUPT", where: "store", message, advice: RESTORE });
  }
  const directory = directoryOf(view);
  for (const context of directory.damaged) {
    const message = "the row that says as whom the node takes part does not decode";
    const where = idToText(context);
    findings.push({ severity: "error", code: "CONTEXT_DAMAGED", where, message, advice: RESTORE });
  }
  const contexts: string[] = [];
  for (const [at, record] of directory.records.entries()) {
    onContext?.({ at, of: directory.records.length });
    contexts.push(idToText(record.context));
    const damagedRows = damagedByPrefix.get(idKey(record.context)) ?? 0;
    findings.push(...examineContext({ crypto, view, home, nowMs, record, damagedRows }));
  }
  if (own === 0) findings.push(...(await examineBlobs(view, join(home, "blobs"))));
  return { rows, contexts, findings };
}

const ID_BYTES = 32;
/** Of rows that are no context's. */
const OWN_PREFIX = idKey(new Uint8Array(ID_BYTES) as ContextId);
const RESTORE = "restore a backup to another folder";

/** Nothing, when a row of it is damaged, which is told of already. */
function directoryOf(view: ReadView): {
  readonly records: readonly ContextRecord[];
  readonly damaged: readonly ContextId[];
} {
  try {
    return readContexts(view);
  } catch (thrown) {
    if (thrown instanceof StoreFailure) return { records: [], damaged: [] };
    throw thrown;
  }
}
