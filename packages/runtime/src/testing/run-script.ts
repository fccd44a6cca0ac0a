/** Runs scripts of host calls, for tests of the host. */

import type { GuestHost, GuestResult } from "../calimero/guest-engine.ts";
import { GUEST_LIMITS_DEFAULT, type GuestLimits } from "../calimero/limits.ts";
import type { GuestScript } from "./guest-script.ts";
import { failureType, guestHost, guestRequest } from "./guest-worlds.ts";

export function outcome(
  script: GuestScript,
  host: GuestHost = guestHost(),
  limits: Partial<GuestLimits> = {},
): GuestResult {
  return script.build().engine.call(guestRequest("run"), host, { ...GUEST_LIMITS_DEFAULT, ...limits });
}

/** What the script's calls gave. */
export function run(script: GuestScript, host: GuestHost = guestHost()): (bigint | Uint8Array)[] {
  const { engine, outputs } = script.build();
  const result = engine.call(guestRequest("run"), host);
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`);
  return outputs(result.returned ?? new Uint8Array(0));
}

/** The name of the failure that a script ends with, or "ok". */
export function typeOf(script: GuestScript, limits: Partial<GuestLimits> = {}): string {
  return failureType(outcome(script, guestHost(), limits));
}
