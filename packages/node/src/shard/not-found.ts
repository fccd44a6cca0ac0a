/** The answer to whoever names a context that this node does not hold. */
import type { ApiErrorCode } from "@dunlin/api";
import { err, type Result } from "@dunlin/core/base";

export function notFound(id: string): Result<never> {
  return err<ApiErrorCode>("CONTEXT_NOT_FOUND", `no context ${id} on this node: "dunlin context list" shows them`);
}
