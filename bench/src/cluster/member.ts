/**
 * One member of a measured group: a replica on LMDB, sync, and libp2p on the loopback interface, composed in one thread.
 * What it leaves out of a node is the application's sandbox and the hop between a worker and the network's thread.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import {
  type Clock,
  type ContextId,
  type KeyValueStore,
  type PeerId,
  type PublicKey,
  type Random,
  type Scheduler,
  type Signer,
  silentLog,
} from "@dunlin/core/base";
import { type Crypto, createCrypto } from "@dunlin/core/crypto";
import { Metrics } from "@dunlin/core/metrics";
import { type Commit, Replica } from "@dunlin/core/replica";
import { SyncEngine, TICK_MS } from "@dunlin/core/sync";
import { type Network, openNetwork } from "@dunlin/network";
import { openLmdbStore } from "@dunlin/store/lmdb";

export const crypto: Crypto = createCrypto();
export const random: Random = { bytes: (length: number) => new Uint8Array(webcrypto(length)) };
export const clock: Clock = { now: () => Date.now() };
export const scheduler: Scheduler = {
  after: (delayMs, task) => {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  },
};

function webcrypto(length: number): Uint8Array {
  return globalThis.crypto.getRandomValues(new Uint8Array(length));
}

export interface Member {
  readonly network: Network;
  readonly replica: Replica;
  readonly engine: SyncEngine;
  readonly metrics: Metrics;
  close(): Promise<void>;
}

export interface MemberOptions {
  readonly folder: string;
  readonly index: number;
  readonly context: ContextId;
  /** Who founded the context. */
  readonly founder: PublicKey;
  /** LMDB in the folder when absent. */
  readonly store?: KeyValueStore;
  /** As of `ReplicaOptions`. */
  readonly joinsFrom?: number | undefined;
}

/** The key of a group's member, alike in every process. */
export function signerOf(index: number): Signer {
  return crypto.createSigner(seedOf(1, index));
}

export async function openMember(options: MemberOptions, onCommit: (commit: Commit) => void): Promise<Member> {
  const { index, context, founder, joinsFrom } = options;
  const folder = join(options.folder, `member-${index}`);
  mkdirSync(folder, { recursive: true });
  const store = options.store ?? (await openLmdbStore({ path: folder }));
  const signer = signerOf(index);
  const metrics = new Metrics(performance);
  const shared = { crypto, clock, random, log: silentLog, metrics };
  const opened = await Replica.open({ ...shared, store }, { context, signer, place: folder, joinsFrom });
  if (!opened.ok) throw new Error(opened.error.message);
  let engine: SyncEngine | undefined;
  const network = await openNetwork({
    seed: seedOf(2, index),
    scheduler,
    random,
    events: {
      onConnect: (peer: PeerId) => engine?.onConnect(peer),
      onDisconnect: (peer: PeerId) => engine?.onDisconnect(peer),
      onFrame: (peer: PeerId, frame: Uint8Array) => engine?.onFrame(peer, frame),
    },
  });
  const replica = opened.value;
  engine = new SyncEngine({ ...shared, scheduler, transport: network });
  replica.onCommit(onCommit);
  engine.addContext({ replica, signer, bootstrap: founder });
  const syncing = engine;
  const ticker = setInterval(() => syncing.tick(), TICK_MS);
  return {
    network,
    replica,
    engine,
    metrics,
    async close() {
      clearInterval(ticker);
      syncing.close();
      await network[Symbol.asyncDispose]();
      await replica.close();
      await store[Symbol.asyncDispose]();
    },
  };
}

function seedOf(kind: number, index: number): Uint8Array {
  const seed = new Uint8Array(32);
  new DataView(seed.buffer).setUint32(0, index);
  seed[31] = kind;
  return seed;
}
