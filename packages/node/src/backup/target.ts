/** The folder that a backup or a restored home comes to be: made beside its place, and there wholly or not at all. */
import { readdir, rm } from "node:fs/promises";
import type { ApiErrorCode } from "@dunlin/api";
import { err, type Result, StoreFailure } from "@dunlin/core/base";
import { isMissing } from "./copy-file.ts";

export async function isEmptyOrMissing(folder: string): Promise<boolean> {
  try {
    return (await readdir(folder)).length === 0;
  } catch (thrown) {
    if (isMissing(thrown)) return true;
    if (thrown instanceof Error && "code" in thrown && thrown.code === "ENOTDIR") return false;
    throw thrown;
  }
}

/** Runs what makes the folder; when it fails, the draft goes, and the failure has a code. */
export async function attempt<T>(draft: string, make: () => Promise<Result<T>>): Promise<Result<T>> {
  let outcome: Result<T>;
  try {
    outcome = await make();
  } catch (thrown) {
    outcome = { ok: false, error: failureOf(thrown) };
  }
  if (!outcome.ok) await rm(draft, { recursive: true, force: true });
  return outcome;
}

function failureOf(thrown: unknown): { readonly code: string; readonly message: string } {
  if (thrown instanceof StoreFailure) return { code: thrown.code, message: thrown.message };
  if (!(thrown instanceof Error && "syscall" in thrown)) throw thrown;
  const failed = err<ApiErrorCode>("STORE_WRITE_FAILED", `a file cannot be copied: ${thrown.message}`);
  return failed.error;
}
