/** Who is there in a context, as those outside say and are told it: data is JSON. */
import type { ApiErrorCode, PresenceEvent, PresentMember } from "@dunlin/api";
import { bytesToHex, err, idKeyToBytes, idToText, ok, type Result, utf8, utf8ToString } from "@dunlin/core/base";
import type { Presence, PresenceChange } from "@dunlin/core/sync";
import type { ShardRequests } from "../messages.ts";
import { notFound } from "./not-found.ts";

const TTL_MS = 30_000;

type Takes<M extends "setPresence" | "leavePresence" | "presence"> = ShardRequests[M]["takes"];

export interface PresenceHandlers {
  setPresence(request: Takes<"setPresence">): Promise<Result<null>>;
  leavePresence(request: Takes<"leavePresence">): Promise<Result<null>>;
  presence(request: Takes<"presence">): Promise<Result<readonly PresentMember[]>>;
}

export function presenceHandlers(
  find: (contextId: string) => { readonly presence: Presence } | undefined,
): PresenceHandlers {
  return {
    async setPresence({ contextId, data, ttlMs = TTL_MS }) {
      const text = data === undefined ? undefined : JSON.stringify(data);
      if (text === undefined) return err<ApiErrorCode>("PARAMS_INVALID", "data: what is shown is missing");
      return find(contextId)?.presence.set(utf8(text), ttlMs) ?? notFound(contextId);
    },
    async leavePresence({ contextId }) {
      const hosted = find(contextId);
      if (!hosted) return notFound(contextId);
      hosted.presence.leave();
      return ok(null);
    },
    async presence({ contextId }) {
      const hosted = find(contextId);
      return hosted ? ok(hosted.presence.list().map(toMember)) : notFound(contextId);
    },
  };
}

export function presenceEvent(contextId: string, change: PresenceChange): PresenceEvent {
  return { contextId, present: change.data !== undefined, ...toMember(change) };
}

/** What others show is foreign: data that is no JSON is shown as none. */
function toMember({ member, actorKey, data }: PresenceChange): PresentMember {
  const names = { publicKey: idToText(member), installation: bytesToHex(idKeyToBytes(actorKey)) };
  return { ...names, data: data ? parse(utf8ToString(data)) : null };
}

function parse(text: string | undefined): unknown {
  try {
    return text === undefined ? null : JSON.parse(text);
  } catch {
    return null;
  }
}
