/** Waiting that ends when nobody waits any more. */
import type { ApiErrorCode } from "@dunlin/api";
import { err, type Result } from "@dunlin/core/base";

/** The answer, or a failure as soon as whoever asked has gone. */
export function unlessAborted<T>(answer: Promise<Result<T>>, signal: AbortSignal | undefined): Promise<Result<T>> {
  if (!signal) return answer;
  const aborted = new Promise<Result<T>>((resolve) => {
    const give = (): void => resolve(err<ApiErrorCode>("TIMEOUT", "the request was given up before it was answered"));
    if (signal.aborted) give();
    else signal.addEventListener("abort", give, { once: true });
  });
  return Promise.race([answer, aborted]);
}
