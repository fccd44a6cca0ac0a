/**
 * Finding nodes on the local network by multicast DNS: what was heard is handed on as a hint, and nothing more.
 *
 * Anybody on the network can claim any address for any peer. A claim costs a dial at most, which the peer's key then
 * fails, so it may add to the addresses that are known and never replace them. libp2p would remember every peer that it
 * hears of, so the service is kept out of its sight.
 */
import { type PeerId, peerId } from "@dunlin/core/base";
import { type PeerInfo, type Startable, start, stop } from "@libp2p/interface";
import { type MulticastDNSComponents, mdns } from "@libp2p/mdns";
import { isLoopback } from "./addresses.ts";
import { DISCOVERY_ADDRESSES_MAX, DISCOVERY_INTERVAL_MS } from "./limits.ts";

/** The name that nodes ask for and answer to. */
const SERVICE = "_dunlin._udp.local";

/** A node said where it listens: at least one address, each with its peer id. */
export type OnFound = (peer: PeerId, addresses: readonly string[]) => void;

export function localDiscovery(onFound: OnFound): (components: MulticastDNSComponents) => Startable {
  return (components) => {
    const service = mdns({ serviceTag: SERVICE, interval: DISCOVERY_INTERVAL_MS })(components);
    service.addEventListener("peer", ({ detail }) => {
      const addresses = addressesOf(detail);
      if (addresses.length > 0) onFound(peerId(detail.id.toString()), addresses);
    });
    return { start: () => start(service), stop: () => stop(service) };
  };
}

function addressesOf({ id, multiaddrs }: PeerInfo): readonly string[] {
  const texts = multiaddrs.map(String).filter((address) => !isLoopback(address));
  return texts.slice(0, DISCOVERY_ADDRESSES_MAX).map((address) => `${address}/p2p/${id}`);
}
