/** The periodic message of a pair of nodes: one for all the contexts that they share. */
import type { DigestEntry, Frame } from "./frames.ts";
import { DIGEST_ENTRIES_MAX } from "./limits.ts";
import type { Peer } from "./peer.ts";

/** Names the contexts that have changed, and at a heartbeat all that are shared. */
export function sendDigests(peer: Peer, isRound: boolean, send: (frame: Frame) => void): void {
  const entries: DigestEntry[] = [];
  for (const session of peer.sessions.values()) {
    const entry = session.digestDue(isRound);
    if (entry) entries.push(entry);
  }
  for (let at = 0; at < entries.length; at += DIGEST_ENTRIES_MAX)
    send({ kind: "digest", entries: entries.slice(at, at + DIGEST_ENTRIES_MAX) });
}

/** A context whose session is not open is passed over, as any frame for it is. */
export function onDigests(peer: Peer, entries: readonly DigestEntry[], onUnopened: () => void): void {
  for (const entry of entries) {
    const session = peer.sessionByChannel.get(entry.channel);
    if (session?.open) session.onDigest(entry);
    else onUnopened();
  }
}
