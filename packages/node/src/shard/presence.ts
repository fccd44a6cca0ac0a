/** Who is there in a context, as those outside say and are told it: data is JSON. */
import type { ApiErrorCode, PresenceEvent, PresentMember } from "@dunlin/api";
import { bytesToHex, err, idKeyToBytes, idToText, ok, type Result, utf8, utf8ToString } from "@dunlin/core/base";
import type { Presence, PresenceChange } from "@dunlin/core/sync";
import type { ShardRequests } from "../messages.ts";

const TTL_MS = 30_000;

type Takes<M extends "setPresence" | "leavePresence" | "presence"> = ShardRequests[M]["takes"];

export interface PresenceHandlers {
  setPresence(request: Takes<"setPresence">): Promise<Result<null>>;
  leavePresence(request: Takes<"leavePresence">): Promise<Result<null>>;
  presence(request: Takes<"presence">): Promise<Result<readonly PresentMember[]>>;
}

/** `within` does something with a context that is open for it, or says that there is none. */
export function presenceHandlers(
  within: <T>(contextId: string, use: (hosted: { readonly presence: Presence }) => Result<T>) => Promise<Result<T>>,
): PresenceHandlers {
  return {
    async setPresence({ contextId, data, ttlMs = TTL_MS }) {
      const text = data === undefined ? undefined : JSON.stringify(data);
      if (text === undefined) return err<ApiErrorCode>("PARAMS_INVALID", "data: what is shown is missing");
      return within(contextId, ({ presence }) => presence.set(utf8(text), ttlMs));
    },
    leavePresence: ({ contextId }) =>
      within(contextId, ({ presence }) => {
        presence.leave();
        return ok(null);
      }),
    presence: ({ contextId }) => within(contextId, ({ presence }) => ok(presence.list().map(toMember))),
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
