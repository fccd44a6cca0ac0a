/** Waiting for another node, not for ever. */
import type { ApiErrorCode } from "@dunlin/api";
import { err, ok, type Result } from "@dunlin/core/base";
import { JOIN_TIMEOUT_MS } from "../limits.ts";
import type { HostedContext } from "./hosted-context.ts";

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

/** Waits until the delta that adds this node's member has arrived with all before it. */
export function untilMember(hosted: Pick<HostedContext, "replica" | "signer">): Promise<Result<null>> {
  return new Promise((resolve) => {
    const settle = (result: Result<null>): void => {
      clearTimeout(timer);
      stop();
      resolve(result);
    };
    const look = (): void => {
      if (hosted.replica.roleOf(hosted.signer.publicKey)) settle(ok(null));
    };
    const timer = setTimeout(() => {
      settle(err<ApiErrorCode>("JOIN_PENDING", "the invitation was redeemed; the context's state has not arrived yet"));
    }, JOIN_TIMEOUT_MS);
    const stop = hosted.replica.onCommit(look);
    look();
  });
}
