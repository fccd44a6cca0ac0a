/**
 * What the core asks of the world, as interfaces. Core has no clock, timer, random, network or disk of its own:
 * production and the simulator pass theirs in. A function takes the ports it needs by name, never "the node".
 */
import type { PublicKey } from "./ids.ts";

export interface Clock {
  /** Milliseconds since 1970. May jump; never used to order anything. */
  now(): number;
}

export interface Random {
  /** Bytes fit for keys in production; seeded in the simulator. */
  bytes(length: number): Uint8Array;
}

/** Stops what was scheduled; harmless when it has run already. */
export type Cancel = () => void;

export interface Scheduler {
  /** Runs `task` once, at least `delayMs` from now. */
  after(delayMs: number, task: () => void): Cancel;
}

export type LogLevel = "debug" | "info" | "warn" | "error";

/** Structured: `event` is a constant, what varies goes into `fields`. */
export interface Log {
  log(level: LogLevel, event: string, fields?: Readonly<Record<string, unknown>>): void;
}

export const silentLog: Log = { log: () => {} };

declare const peerBrand: unique symbol;
/** How a transport names a peer. Opaque to core; authenticated by the transport. */
export type PeerId = string & { readonly [peerBrand]: true };

export function peerId(text: string): PeerId {
  return text as PeerId;
}

/** What became of a frame: `full` means that the peer's queue is at its cap and the frame was dropped. */
export type SendOutcome = "queued" | "full" | "disconnected";

/**
 * Authenticated, ordered frames between this node and its connected peers, one stream per peer. Nothing is
 * guaranteed beyond order within a connection: a frame may be lost with its connection at any time.
 */
export interface Transport {
  readonly self: PeerId;
  /** Hands over a frame without waiting. The bytes must not be changed afterwards. */
  send(peer: PeerId, frame: Uint8Array): SendOutcome;
  /** The peers connected now. */
  peers(): readonly PeerId[];
  /** Closes the connection to a peer that misbehaves. */
  disconnect(peer: PeerId, reason: string): void;
}

/** What a transport tells its owner; set once, before the first connection. */
export interface TransportEvents {
  onConnect(peer: PeerId): void;
  onDisconnect(peer: PeerId): void;
  onFrame(peer: PeerId, frame: Uint8Array): void;
}

/** An identity that can sign, and agree on secrets with others: a member's or a node's. */
export interface Signer {
  readonly publicKey: PublicKey;
  sign(message: Uint8Array): Uint8Array;
  /** A secret that this identity and `other` compute alike, and nobody else; undefined when that key is refused. */
  agree(other: Uint8Array): Uint8Array | undefined;
}
