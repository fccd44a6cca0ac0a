/** Waiting for another node, not for ever. */
import type { ApiErrorCode } from "@dunlin/api";
import { err, type Result } from "@dunlin/core/base";
import { JOIN_TIMEOUT_MS } from "../limits.ts";

/** The redeemer's answer, or a failure when it does not come: a frame may be lost with a queue that was full. */
export async function inTime(answer: Promise<Result<null>>): Promise<Result<null>> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Result<null>>((resolve) => {
    const failure = err<ApiErrorCode>("SYNC_NOT_CONNECTED", "the inviting node did not answer in time: try again");
    timer = setTimeout(() => resolve(failure), JOIN_TIMEOUT_MS);
  });
  const first = await Promise.race([answer, late]);
  clearTimeout(timer);
  return first;
}
