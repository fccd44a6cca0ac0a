/** What a context takes and tells, in the forms of the API: small functions of what is read from it. */
import type { ApiErrorCode, ApplicationEvent } from "@dunlin/api";
import { roleOfRank } from "@dunlin/core/access";
import { err, idKeyToBytes, ok, type PublicKey, publicKey, type Result, utf8ToString } from "@dunlin/core/base";
import type { EntryEvent, Replica } from "@dunlin/core/replica";

/** Events of other members are foreign: data that is no text is shown as none. */
export function applicationEvent(event: EntryEvent): ApplicationEvent {
  return { kind: event.kind, data: utf8ToString(event.data) ?? "null", handler: event.handler || null };
}

export function isEmptyObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

export function parseJson(text: string): Result<unknown> {
  try {
    return ok(JSON.parse(text));
  } catch {
    return err<ApiErrorCode>("PARAMS_INVALID", "not JSON");
  }
}

export function writersOf(replica: Replica): PublicKey[] {
  const writers: PublicKey[] = [];
  for (const [key, rank] of replica.access().rankByMember) {
    if (roleOfRank(rank) !== "reader") writers.push(publicKey(idKeyToBytes(key)));
  }
  return writers;
}

export function parseOutput(output: string | null): unknown {
  return output === null ? null : JSON.parse(output);
}
