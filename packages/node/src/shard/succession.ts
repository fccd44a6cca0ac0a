/**
 * Whether an application may take over a context from the one that it runs.
 *
 * What others would judge alike is in the log: that an admin says so. What is in the bundles is not, so each node checks
 * by itself, before it says so and again before it runs what others said; one that refuses keeps the context's deltas,
 * syncs, and answers calls with the reason. Applications that are not installed here say nothing against another.
 */
import type { ApiErrorCode } from "@dunlin/api";
import { err, ok, type Result } from "@dunlin/core/base";
import { type Application, checkUpgrade, readApplication } from "@dunlin/runtime";
import type { Home } from "../home.ts";

/** Of the applications of a context, oldest first, whether the last may run. */
export function checkSuccession(
  home: Pick<Home, "readApplication">,
  applications: readonly Uint8Array[],
): Result<null> {
  let running: Application | undefined;
  let verdict: Result<null> = ok(null);
  for (const id of applications) {
    verdict = ok(null);
    const bytes = home.readApplication(id);
    const read = bytes && readApplication(bytes);
    if (!read?.ok) continue;
    if (running) verdict = checkTakeover(running, read.value);
    // What was refused never ran, and says nothing of what comes after it.
    if (verdict.ok) running = read.value;
  }
  return verdict;
}

function checkTakeover(from: Application, to: Application): Result<null> {
  if (from.kind === "guest") {
    const upgrade = checkUpgrade(from.guest, to.kind === "guest" ? to.guest : { signer: undefined });
    if (!upgrade.ok) return upgrade;
  }
  if (from.kind === to.kind) return ok(null);
  const message =
    from.kind === "guest"
      ? "the context's application keeps its state itself, where a TypeScript one would not find it"
      : "the state of a TypeScript application cannot be handed to one that keeps its state itself";
  return err<ApiErrorCode>("UPGRADE_REFUSED", `${message}: create a context of the new one`);
}
