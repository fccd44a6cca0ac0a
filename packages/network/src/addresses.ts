/**
 * Peer addresses as text (multiaddrs), parsed and checked. All addresses of one dial must name the same peer or none.
 * Refused: what is no multiaddr, more addresses than the limit, two peers in one dial.
 */
import { err, type Failure, ok, type PeerId, peerId, type Result } from "@dunlin/core/base";
import { type Multiaddr, multiaddr } from "@multiformats/multiaddr";
import type { AddressFailureCode } from "./failure.ts";
import { ADDRESSES_PER_DIAL_MAX } from "./limits.ts";

export interface DialTarget {
  /** Undefined when no address names the peer. */
  readonly peer: PeerId | undefined;
  readonly addresses: readonly Multiaddr[];
}

export function parseTarget(texts: readonly string[]): Result<DialTarget, Failure<AddressFailureCode>> {
  if (texts.length === 0 || texts.length > ADDRESSES_PER_DIAL_MAX)
    return err("ADDRESS_INVALID", `give 1 to ${ADDRESSES_PER_DIAL_MAX} addresses of the peer, not ${texts.length}`);
  const addresses: Multiaddr[] = [];
  let peer: PeerId | undefined;
  for (const text of texts) {
    const parsed = parseAddress(text);
    if (parsed === undefined)
      return err("ADDRESS_INVALID", `${text} is no address; write /ip4/1.2.3.4/tcp/4001/p2p/PEER`);
    const named = peerOf(parsed);
    if (addresses.length > 0 && named !== peer)
      return err("ADDRESS_PEERS_DIFFER", "the addresses of one dial must name the same peer");
    peer = named;
    addresses.push(parsed);
  }
  return ok({ peer, addresses });
}

/** Addresses of many peers, by peer, of each as many as one dial takes; each address must name its peer. */
export function groupByPeer(
  texts: readonly string[],
): Result<ReadonlyMap<PeerId, readonly string[]>, Failure<AddressFailureCode>> {
  const textsByPeer = new Map<PeerId, string[]>();
  for (const text of texts) {
    const target = parseTarget([text]);
    if (!target.ok) return target;
    const { peer } = target.value;
    if (peer === undefined) return err("ADDRESS_WITHOUT_PEER", `${text} does not name its peer: append /p2p/PEER`);
    const known = textsByPeer.get(peer);
    if (known === undefined) textsByPeer.set(peer, [text]);
    else if (known.length < ADDRESSES_PER_DIAL_MAX) known.push(text);
  }
  return ok(textsByPeer);
}

export function parseAddress(text: string): Multiaddr | undefined {
  try {
    return multiaddr(text);
  } catch {
    return undefined;
  }
}

/** Whether an address leads to whoever dials it, and to nobody else. */
export function isLoopback(text: string): boolean {
  return /^\/(?:ip4\/127\.|ip6\/::1\/|dns[46]?\/localhost\/)/.test(text);
}

/** The peer that an address names; undefined for one that is malformed or names none. */
export function peerOfAddress(text: string): PeerId | undefined {
  const parsed = parseAddress(text);
  return parsed && peerOf(parsed);
}

function peerOf(address: Multiaddr): PeerId | undefined {
  const named = address.getComponents().findLast((component) => component.name === "p2p")?.value;
  return named === undefined ? undefined : peerId(named);
}
