/**
 * Whether an application may take over a context from the one that it runs.
 *
 * What others would judge alike is in the log: that an admin says so. What is in the bundles is not, so each node checks
 * by itself, before it says so and again before it runs what others said; one that refuses keeps the context's deltas,
 * syncs, and answers calls with the reason. Applications that are not installed here say nothing against another.
 */
import type { ApiErrorCode } from "@dunlin/api";
import { err, ok, type Result } from "@dunlin/core/base";
import { type Application, checkUpgrade } from "@dunlin/runtime";

/** What decides of an application. */
export interface Candidate {
  readonly kind: Application["kind"];
  /** Who signed it; nobody signs a TypeScript one. */
  readonly signer: string | undefined;
  /** Of a TypeScript one. */
  readonly version: string | undefined;
}

/** Of the applications of a context, oldest first, whether the last may run. `installed` tells of those that are here. */
export function checkSuccession(
  installed: (id: Uint8Array) => Candidate | undefined,
  applications: readonly Uint8Array[],
): Result<null> {
  let running: Candidate | undefined;
  let verdict: Result<null> = ok(null);
  for (const id of applications) {
    verdict = ok(null);
    const next = installed(id);
    if (!next) continue;
    if (running) verdict = checkTakeover(running, next);
    // What was refused never ran, and says nothing of what comes after it.
    if (verdict.ok) running = next;
  }
  return verdict;
}

function checkTakeover(from: Candidate, to: Candidate): Result<null> {
  const upgrade = checkUpgrade(from, to);
  if (!upgrade.ok || from.kind === to.kind) return upgrade;
  const message =
    from.kind === "guest"
      ? "the context's application keeps its state itself, where a TypeScript one would not find it"
      : "the state of a TypeScript application cannot be handed to one that keeps its state itself";
  return err<ApiErrorCode>("UPGRADE_REFUSED", `${message}: create a context of the new one`);
}
