/** What a shard answers of the limits of contexts, by the name of the request. */
import type { ContextLimitsInfo } from "@dunlin/api";
import { ok, type Result } from "@dunlin/core/base";
import type { ShardRequests } from "../messages.ts";
import type { HostedContext } from "./hosted-context.ts";
import type { LimitBook } from "./limit-book.ts";

type Takes<M extends "contextLimits" | "setContextLimits"> = ShardRequests[M]["takes"];
type Limited = Pick<HostedContext, "id" | "budget" | "replica">;

export interface LimitHandlers {
  contextLimits(request: Takes<"contextLimits">): Promise<Result<ContextLimitsInfo>>;
  setContextLimits(request: Takes<"setContextLimits">): Promise<Result<ContextLimitsInfo>>;
}

/** `within` does something with a context that is open for it, or says that there is none. */
export function limitHandlers(
  limits: LimitBook,
  within: <T>(id: string, use: (hosted: Limited) => Result<T> | Promise<Result<T>>) => Promise<Result<T>>,
): LimitHandlers {
  const info = ({ id, budget, replica }: Limited): ContextLimitsInfo => ({
    contextId: id,
    limits: budget.limits,
    own: limits.own(replica.context),
    used: budget.usage() ?? {},
  });
  return {
    contextLimits: ({ contextId }) => within(contextId, (hosted) => ok(info(hosted))),
    setContextLimits: ({ contextId, changes }) =>
      within(contextId, async (hosted) => {
        const set = await limits.set(hosted.replica.context, changes);
        return set.ok ? ok(info(hosted)) : set;
      }),
  };
}
