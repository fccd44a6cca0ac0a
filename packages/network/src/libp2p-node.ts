/**
 * The libp2p node as this package wants it: TCP, noise, yamux and identify, with our limits, not yet started. No routing,
 * no discovery but on the local network when it is asked for, no connection monitor (links keep themselves alive,
 * without a stream per ping).
 */
import "./platform/polyfill.ts";
import { generateKeyPairFromSeed } from "@libp2p/crypto/keys";
import { identify } from "@libp2p/identify";
import type { Libp2p } from "@libp2p/interface";
import { tcp } from "@libp2p/tcp";
import { createLibp2p } from "libp2p";
import {
  DIAL_DEADLINE_MS,
  DIALS_AT_ONCE_MAX,
  INBOUND_PENDING_MAX,
  INBOUND_PER_HOST_PER_SECOND,
  STREAMS_PER_CONNECTION_MAX,
} from "./limits.ts";
import { localDiscovery, type OnFound } from "./local-discovery.ts";
import { corkedNoise } from "./platform/corked-noise.ts";
import { thriftyYamux } from "./platform/thrifty-yamux.ts";

export interface NodeOptions {
  /** 32 bytes. */
  readonly seed: Uint8Array;
  readonly listen: readonly string[];
  readonly connectionsMax: number;
  /** Makes this node known on the local network, and hears of others there. */
  readonly onFound: OnFound | undefined;
}

export async function createNode(options: NodeOptions): Promise<Libp2p> {
  return createLibp2p({
    start: false,
    privateKey: await generateKeyPairFromSeed("Ed25519", options.seed),
    addresses: { listen: [...options.listen] },
    transports: [tcp()],
    connectionEncrypters: [corkedNoise()],
    streamMuxers: [
      thriftyYamux({ maxInboundStreams: STREAMS_PER_CONNECTION_MAX, maxOutboundStreams: STREAMS_PER_CONNECTION_MAX }),
    ],
    connectionManager: {
      maxConnections: options.connectionsMax,
      maxParallelDials: DIALS_AT_ONCE_MAX,
      dialTimeout: DIAL_DEADLINE_MS,
      inboundConnectionThreshold: INBOUND_PER_HOST_PER_SECOND,
      maxIncomingPendingConnections: INBOUND_PENDING_MAX,
    },
    connectionMonitor: { enabled: false },
    services: {
      identify: identify(),
      ...(options.onFound ? { localDiscovery: localDiscovery(options.onFound) } : {}),
    },
  });
}
