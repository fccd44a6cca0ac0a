/** Which form of a delta is taken: one without its payload by whoever joins by a snapshot, and by nobody else. */
import { err, type Result } from "../../base/index.ts";
import type { ReceivedDelta, SignedDelta } from "../../dag/index.ts";
import type { AdmissionErrorCode } from "../judge.ts";

/** Who joins by a snapshot: takes deltas without their payloads, and later the payloads of some. */
export interface PayloadIntake {
  /** Whether the delta of this key is taken without its payload. */
  takes(key: string): boolean;
  /** Another copy of an admitted delta came. */
  onCopy(delta: SignedDelta): void;
}

/** What was decoded, unless its form is not taken now. */
export function takeForm<T extends Pick<ReceivedDelta, "key" | "isPruned">>(
  decoded: Result<T>,
  intake: PayloadIntake | undefined,
): Result<T> {
  if (!decoded.ok || !decoded.value.isPruned || intake?.takes(decoded.value.key)) return decoded;
  return err<AdmissionErrorCode>("DELTA_PRUNED", "it comes without its payload");
}
