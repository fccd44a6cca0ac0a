/**
 * One member of a measured group: a replica on LMDB, sync, and libp2p on the loopback interface, composed in one thread.
 * What it leaves out of a node is the application's sandbox and the hop between a worker and the network's thread.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type ContextId, type KeyValueStore, type PeerId, type PublicKey, silentLog } from "@dunlin/core/base";
import { Metrics } from "@dunlin/core/metrics";
import { type Commit, Replica } from "@dunlin/core/replica";
import { SyncEngine, TICK_MS } from "@dunlin/core/sync";
import { type Network, openNetwork } from "@dunlin/network";
import { openLmdbStore } from "@dunlin/store/lmdb";
import { clock, crypto, random, scheduler, seedOf, signerOf } from "./ports.ts";

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
