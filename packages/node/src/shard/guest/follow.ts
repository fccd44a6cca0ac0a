/**
 * What a call of an application asked to be done elsewhere, once the call itself is durable: calls of other contexts on this node,
 * contexts and members. Each by itself; one that fails is told of in the log and takes nothing back.
 */
import type { CreateContextRequest } from "@dunlin/api";
import { NONCE_BYTES } from "@dunlin/core/access";
import { type Failure, idToText, type Log, must, ok, publicKey, type Result, utf8ToString } from "@dunlin/core/base";
import { CROSS_CALL_DEPTH_MAX } from "@dunlin/runtime";
import { systemRandom } from "../../platform.ts";
import type { HostedContext } from "../hosted-context.ts";
import type { Asked } from "./hosted-guest.ts";

/** The parts of a shard that are asked. */
export interface Followers {
  readonly log: Log;
  readonly hosted: (context: string) => Promise<Result<HostedContext>>;
  readonly createContext: (requestId: number, request: CreateContextRequest) => Promise<Result<unknown>>;
  readonly forget: (hosted: HostedContext) => Promise<void>;
}

/** Starts it all, and waits for nothing: a call of one's own context runs after the one that asked for it. */
export function follow(followers: Followers, asked: Asked): void {
  for (const { context, method, params } of asked.crossCalls) {
    const target = { context: asked.via.at(-1), target: idToText(context), method };
    if (asked.via.length > CROSS_CALL_DEPTH_MAX) {
      followers.log.log("warn", "application.cross_call_too_deep", target);
      continue;
    }
    const request = { contextId: target.target, method, args: parseParams(params) };
    const call = ({ hosted }: Followers): Promise<Result<unknown>> =>
      within(hosted(target.target), (called) => called.execute(asked.requestId, request, asked.via));
    void tell(followers.log, target, call(followers));
  }
  void changeAll(followers, asked);
}

/** In order: a context may have to be opened for one. */
async function changeAll(followers: Followers, asked: Asked): Promise<void> {
  for (const change of asked.contextChanges) {
    await tell(followers.log, { context: asked.via.at(-1), change: change.kind }, start(followers, asked, change));
  }
}

function start(
  { hosted, createContext, forget }: Followers,
  { via, requestId }: Asked,
  change: Asked["contextChanges"][number],
): Promise<Result<unknown>> {
  const self = must(via.at(-1), "a context asks");
  switch (change.kind) {
    case "create": {
      const initialization = parseParams(change.params);
      return createContext(requestId, { applicationId: idToText(change.application), initialization });
    }
    case "delete":
      return within(hosted(idToText(change.context)), async (target) => ok(await forget(target)));
    case "add-member": {
      const nonce = systemRandom.bytes(NONCE_BYTES);
      const statement = { kind: "add", member: publicKey(change.member), role: "writer", nonce } as const;
      return within(hosted(self), ({ replica }) => replica.declare(statement));
    }
    case "remove-member":
      return within(hosted(self), ({ replica }) =>
        replica.declare({ kind: "remove", member: publicKey(change.member) }),
      );
  }
}

async function within(
  opening: Promise<Result<HostedContext>>,
  act: (hosted: HostedContext) => Promise<Result<unknown>>,
): Promise<Result<unknown>> {
  const hosted = await opening;
  return hosted.ok ? act(hosted.value) : hosted;
}

function tell(log: Log, what: object, done: Promise<Result<unknown>>): Promise<void> {
  const failed = ({ code, message }: Failure): void =>
    log.log("warn", "application.follow_failed", { ...what, code, message });
  return done.then(
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
