/** Handlers that failed too often, as requests reach them: told of by the delta and place of their event. */
import type { ApiErrorCode, DeadLetter, SettleDeadLetterRequest } from "@dunlin/api";
import { err, idToText, ok, type Result, utf8ToString } from "@dunlin/core/base";
import type { Handlers, OpenEntry } from "@dunlin/core/replica";
import type { HostedContext } from "./hosted-context.ts";

export function deadLettersOf({
  replica: { handlers },
}: Pick<HostedContext, "replica">): Result<readonly DeadLetter[]> {
  return ok(handlers ? deadOf(handlers).map((entry) => toLetter(handlers, entry)) : []);
}

/** Fails with `HANDLER_NOT_DEAD`. What is retried is due at once. */
export function settleDeadLetter(
  { replica: { handlers } }: Pick<HostedContext, "replica">,
  { deltaId, event, how }: SettleDeadLetterRequest,
): Result<null> {
  const entry = handlers && deadOf(handlers).find((dead) => dead.event === event && idOf(handlers, dead) === deltaId);
  if (!handlers || !entry) {
    return err<ApiErrorCode>("HANDLER_NOT_DEAD", `no handler of event ${event} of ${deltaId} is dead`);
  }
  return how === "retry" ? handlers.replay(entry) : handlers.drop(entry);
}

function deadOf(handlers: Handlers): OpenEntry[] {
  return handlers.entries().filter(({ dead }) => dead);
}

function idOf(handlers: Handlers, entry: OpenEntry): string {
  return idToText(handlers.deltaOf(entry));
}

function toLetter(handlers: Handlers, entry: OpenEntry): DeadLetter {
  const { event, attempts, code } = entry;
  const { kind, handler, data } = entry.payload;
  // Events of other members are foreign: data that is no text is shown as none.
  const text = utf8ToString(data) ?? "null";
  return { deltaId: idOf(handlers, entry), event, kind, handler, data: text, attempts, code };
}
