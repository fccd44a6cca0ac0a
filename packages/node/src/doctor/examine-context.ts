/** One context of a store: its rows, then all of it derived again from its log. */
import { idToText, type ReadView, StoreFailure, stampToMs } from "@dunlin/core/base";
import type { Crypto } from "@dunlin/core/crypto";
import { type AuditErrorCode, type AuditReport, auditContext, DRIFT_MAX_MS } from "@dunlin/core/replica";
import { NodeFailure } from "../failure.ts";
import { Home } from "../home.ts";
import type { ContextRecord } from "../shard/directory.ts";
import type { Finding } from "./finding.ts";

export interface ExaminedContext {
  readonly crypto: Crypto;
  readonly view: ReadView;
  readonly home: string;
  readonly nowMs: number;
  readonly record: ContextRecord;
  /** Rows of it whose check is wrong. */
  readonly damagedRows: number;
}

const NOTHING_YET: AuditErrorCode = "AUDIT_NO_CONTEXT";

export function examineContext({ crypto, view, home, nowMs, record, damagedRows }: ExaminedContext): Finding[] {
  const where = idToText(record.context);
  const advice = `restore a backup to another folder, or \`dunlin doctor --forget ${where}\` and join it again`;
  const wrong = (code: string, message: string): Finding[] => [{ severity: "error", code, where, message, advice }];
  if (damagedRows > 0) {
    return wrong("CONTEXT_DAMAGED", `${damagedRows} rows of the context do not have what was written`);
  }
  const signer = signerOf(home, crypto, record);
  if (!signer) {
    const lost = `the key of ${idToText(record.member)}, as whom the node takes part, is missing or damaged`;
    return wrong("NOT_A_MEMBER", lost);
  }
  try {
    const audited = auditContext(crypto, view, record.context, signer);
    if (!audited.ok) return audited.error.code === NOTHING_YET ? [] : wrong(audited.error.code, audited.error.message);
    return warningsOf(audited.value, { home, nowMs, where });
  } catch (thrown) {
    // What an audit meets in rows that decode and cannot be: it stops there, and that is what is wrong.
    if (thrown instanceof StoreFailure) return wrong(thrown.code, thrown.message);
    return wrong(
      "AUDIT_MISMATCH",
      `the log cannot be gone through: ${thrown instanceof Error ? thrown.message : thrown}`,
    );
  }
}

function warningsOf(
  { stampHigh, application }: AuditReport,
  { home, nowMs, where }: Pick<ExaminedContext, "home" | "nowMs"> & { readonly where: string },
): Finding[] {
  const warnings: Finding[] = [];
  const warn = (code: string, message: string, advice: string): void =>
    void warnings.push({ severity: "warning", code, where, message, advice });
  const aheadMs = stampToMs(stampHigh) - nowMs;
  if (aheadMs > DRIFT_MAX_MS) {
    const message = `it holds writes from ${Math.round(aheadMs / 1000)} s ahead of this machine's clock`;
    warn("STAMPS_AHEAD", message, "set the clock: members take in what is ahead of theirs only when they get there");
  }
  if (application && !new Home(home).readApplication(application)) {
    const message = `its application ${idToText(application)} is not installed`;
    warn("APPLICATION_NOT_FOUND", message, "install it: calls and handlers wait for it, the state is kept up to date");
  }
  return warnings;
}

function signerOf(home: string, crypto: Crypto, { member }: ContextRecord): ReturnType<Home["signerOf"]> {
  try {
    return new Home(home).signerOf(crypto, member);
  } catch (thrown) {
    if (thrown instanceof NodeFailure) return undefined;
    throw thrown;
  }
}
