/** What a call of an application is to the replica that it runs on. */
import { type Failure, utf8 } from "@dunlin/core/base";
import type { EntryEvent } from "@dunlin/core/replica";
import type { CallError, CallEvent } from "./call.ts";

/** An application's failure with the author's file and line, innermost first. */
export function failureOfCall(error: CallError): Failure {
  const [at] = error.stack;
  const place = at ? ` (${at.file}:${at.line}:${at.column})` : "";
  return { code: error.code, message: `${error.message}${place}` };
}

export function entryEventOf({ kind, data, handler = "" }: CallEvent): EntryEvent {
  return { kind, data: utf8(data), handler };
}
