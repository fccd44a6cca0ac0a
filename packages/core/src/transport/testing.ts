/** An end of a transport that notes what happens to it, on the platform's own timers; for tests of transports alone. */
import { type PeerId, type Random, type TransportEvents, utf8ToString } from "../base/index.ts";
import type { Connector, ConnectorPorts, ConnectorStatus, OpenTransport } from "./connector.ts";

export interface WatchedEnd {
  readonly transport: OpenTransport;
  /** What happened, in words: "connect", "text", "disconnect". */
  readonly log: string[];
  readonly statuses: ConnectorStatus["kind"][];
  /** The peers that are connected. */
  readonly peers: PeerId[];
  /** Resolves once the log or the statuses hold what `is` looks for. */
  until(is: (end: WatchedEnd) => boolean): Promise<void>;
}

export function watchEnd(connector: Connector, room: Uint8Array, ports: ConnectorPorts): WatchedEnd {
  const waiting = new Set<() => void>();
  const changed = (): void => {
    for (const check of [...waiting]) check();
  };
  const log: string[] = [];
  const statuses: ConnectorStatus["kind"][] = [];
  const peers: PeerId[] = [];
  const events: TransportEvents = {
    onConnect: (peer) => {
      peers.push(peer);
      log.push("connect");
      changed();
    },
    onDisconnect: (peer) => {
      peers.splice(peers.indexOf(peer), 1);
      log.push("disconnect");
      changed();
    },
    onFrame: (_peer, frame) => {
      log.push(frame.length > 100 ? `${frame.length} bytes` : (utf8ToString(frame) ?? ""));
      changed();
    },
  };
  const onStatus = (status: ConnectorStatus): void => {
    statuses.push(status.kind);
    changed();
  };
  const end: WatchedEnd = {
    transport: connector.open({ room, ports, events, onStatus }),
    log,
    statuses,
    peers,
    until: (is) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (!is(end)) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      }),
  };
  return end;
}

export function fixedRandom(first: number): Random {
  let next = first;
  return { bytes: (length) => new Uint8Array(length).fill(next++ & 255) };
}
