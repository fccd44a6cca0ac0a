/** The application of the suites that measure whole nodes, and a context of it that two of them share. */
import { join } from "node:path";
import type { Service } from "./open-bench-node.ts";

export const APPLICATION: string = join(import.meta.dirname, "..", "apps", "ping.ts");

export async function share(author: Service, reader: Service): Promise<string> {
  const { applicationId } = must(await author.installApplication({ path: APPLICATION }));
  must(await reader.installApplication({ path: APPLICATION }));
  const { contextId } = must(await author.createContext({ applicationId }));
  const { publicKey } = await reader.createIdentity();
  const { payload } = must(await author.invite({ contextId, inviteeId: publicKey }));
  must(await reader.join({ invitationPayload: payload }));
  return contextId;
}

export function must<T>(
  result:
    | { readonly ok: true; readonly value: T }
    | { readonly ok: false; readonly error: { readonly message: string } },
): T {
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}
