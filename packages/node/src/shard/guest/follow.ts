/**
 * What a guest's call asked to be done elsewhere, once the call itself is durable: calls of other contexts on this node,
 * contexts and members. Each by itself; one that fails is told of in the log and takes nothing back.
 */
import type { ExecuteRequest } from "@dunlin/api";
import { type Failure, idToText, type Log, type Result, utf8ToString } from "@dunlin/core/base";
import { CROSS_CALL_DEPTH_MAX } from "../../limits.ts";
import type { Asked } from "./hosted-guest.ts";

export interface Followers {
  readonly log: Log;
  readonly execute: (requestId: number, request: ExecuteRequest, depth: number) => Promise<Result<unknown>>;
  readonly createContext: (requestId: number, application: string, args: unknown) => Promise<Result<unknown>>;
  readonly deleteContext: (context: string) => Promise<Result<unknown>>;
  readonly addMember: (context: string, member: Uint8Array) => Promise<Result<unknown>>;
  readonly removeMember: (context: string, member: Uint8Array) => Promise<Result<unknown>>;
}

/** Starts it all, and waits for nothing: a call of one's own context runs after the one that asked for it. */
export function follow(followers: Followers, asked: Asked): void {
  for (const { context, method, params } of asked.crossCalls) {
    const target = { context: asked.context, target: idToText(context), method };
    if (asked.depth >= CROSS_CALL_DEPTH_MAX) {
      followers.log.log("warn", "guest.cross_call_too_deep", target);
      continue;
    }
    const request = { contextId: target.target, method, args: parseParams(params) };
    tell(followers.log, target, followers.execute(asked.requestId, request, asked.depth + 1));
  }
  for (const change of asked.contextChanges) {
    tell(followers.log, { context: asked.context, change: change.kind }, start(followers, asked, change));
  }
}

function start(
  followers: Followers,
  { context, requestId }: Asked,
  change: Asked["contextChanges"][number],
): Promise<Result<unknown>> {
  switch (change.kind) {
    case "create":
      return followers.createContext(requestId, idToText(change.application), parseParams(change.params));
    case "delete":
      return followers.deleteContext(idToText(change.context));
    case "add-member":
      return followers.addMember(context, change.member);
    case "remove-member":
      return followers.removeMember(context, change.member);
  }
}

function tell(log: Log, what: object, done: Promise<Result<unknown>>): void {
  const failed = ({ code, message }: Failure): void =>
    log.log("warn", "guest.follow_failed", { ...what, code, message });
  done.then(
    (result) => {
      if (!result.ok) failed(result.error as Failure);
    },
    (thrown) => failed({ code: "INTERNAL", message: String(thrown) }),
  );
}

/** Arguments as JSON; what is none is passed on as none. */
function parseParams(params: Uint8Array): unknown {
  try {
    return JSON.parse(utf8ToString(params) || "{}");
  } catch {
    return {};
  }
}
