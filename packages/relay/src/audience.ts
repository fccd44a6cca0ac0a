/** Who a relay serves: this machine as it is, others only with a token, or when it is said that anybody may come. */
import { isIP } from "node:net";

export interface Audience {
  readonly host: string;
  readonly token?: string | undefined;
  /** Whoever reaches it may use it: its bandwidth, not what it carries. */
  readonly servesAnybody?: boolean | undefined;
}

/** Throws when others than this machine would be served without having been asked for. */
export function checkAudience({ host, token, servesAnybody = false }: Audience): void {
  if (token === "") throw new Error("an empty token keeps nobody out: leave it away, or give one");
  if (token !== undefined || servesAnybody || isLoopback(host)) return;
  throw new Error(`a relay at ${host} serves whoever reaches it: give it a token, or say that it serves anybody`);
}

export function isLoopback(host: string): boolean {
  if (isIP(host) === 4) return host.startsWith("127.");
  return host === "localhost" || host === "::1";
}
