/** What a replica says once a commit has failed: nobody can know what of it reached the device. */
import type { Failure } from "../base/index.ts";

export function closedBy(thrown: unknown): Failure {
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  return {
    code: "REPLICA_CLOSED",
    message: `the store failed, and whether this write is durable is unknown: ${reason}`,
  };
}
