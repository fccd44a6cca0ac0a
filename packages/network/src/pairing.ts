/**
 * Which of several streams between two nodes is the one: decided by one side, so that both agree.
 *
 * The node with the lesser peer id decides. The other greets first on each stream that opens, whoever opened it, and
 * uses the stream on which the decider greets back; the decider greets back on one only:
 *
 *     other    --hello(token)-->  decider   no session: adopt, greet back
 *                                           session with the same token: the stream is a duplicate, refuse
 *                                           session with another token: the other side has lost it, replace
 *
 * The other draws a new token whenever its session ends, so a node that restarted, or lost its connection without
 * the decider hearing of it, is not refused until the dead-peer deadline. Both sides may send as soon as they have
 * seen the greeting of the other.
 */
import { bytesEqual, type PeerId } from "@dunlin/core/base";

export type Verdict = "adopt" | "refuse" | "replace";

export function isDecider(self: PeerId, peer: PeerId): boolean {
  return self < peer;
}

/** What the decider does with a greeting, given the token of the session it has with that peer. */
export function judgeHello(sessionToken: Uint8Array | undefined, token: Uint8Array): Verdict {
  if (sessionToken === undefined) return "adopt";
  return bytesEqual(sessionToken, token) ? "refuse" : "replace";
}
