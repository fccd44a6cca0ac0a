/** What the parts of a node keep in memory, each in a process of its own after a full collection. Bytes. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Figures } from "../isolated.ts";
import { keep } from "../measure.ts";

export const NODE_DELTAS = 1000;
export const CACHED_BLOBS = 100;
const BLOB_BYTES = 100_000;
const SETTLE_MS = 2000;

/** The structures of a context: heap and buffers. The encoded deltas lie in the store, and are not in them. */
export async function nodeParts(): Promise<Figures> {
  const { Graph, Pending } = await import("@dunlin/core/dag");
  const { BlobCache } = await import("@dunlin/core/blobs");
  const { fillGraph, headersOf } = await import("./dag.ts");
  const chain = headersOf(NODE_DELTAS, 1);
  const graph = await grown(() => fillGraph(new Graph(), new Pending(), chain));
  const waiting = await grown(() => {
    const pending = new Pending();
    for (const proven of headersOf(NODE_DELTAS + 1, 2).slice(1)) pending.add(proven, proven.delta.parentKeys, 0);
    return pending;
  });
  const cache = await grown(() => {
    const blobs = new BlobCache();
    for (let at = 0; at < CACHED_BLOBS; at++) blobs.add(`blob ${at}`, new Uint8Array(BLOB_BYTES).fill(1), 0);
    return blobs;
  });
  return { graph: [graph], pending: [waiting], cacheBeyond: [cache - CACHED_BLOBS * BLOB_BYTES] };
}

/** The process before it has loaded anything of a node. */
export async function nodeBase(): Promise<Figures> {
  return { rss: [await settled()] };
}

/** libp2p listening, its code among it. */
export async function nodeNetwork(): Promise<Figures> {
  const before = await settled();
  const { openNetwork } = await import("@dunlin/network");
  const { random, scheduler } = await import("../cluster/ports.ts");
  const events = { onConnect: () => {}, onDisconnect: () => {}, onFrame: () => {} };
  const network = await openNetwork({ seed: new Uint8Array(32).fill(1), scheduler, random, events });
  const after = await settled();
  await network[Symbol.asyncDispose]();
  return { grown: [after - before] };
}

/** A whole node without a context; then with one, whose application has run: its engine is loaded. */
export async function nodeWhole(): Promise<Figures> {
  const before = await settled();
  const folder = mkdtempSync(join(tmpdir(), "dunlin-memory-"));
  const { openService } = await import("../open-bench-node.ts");
  const { APPLICATION, must } = await import("../ping.ts");
  try {
    await using service = await openService(join(folder, "home"));
    const empty = await settled();
    const { applicationId } = must(await service.installApplication({ path: APPLICATION }));
    const installed = await settled();
    const { contextId } = must(await service.createContext({ applicationId }));
    must(await service.execute({ contextId, method: "ping", args: { key: "key", value: "value" } }));
    const called = await settled();
    return { empty: [empty - before], executor: [called - installed] };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function grown(make: () => unknown): Promise<number> {
  const { usedBytes } = await import("./heap.ts");
  const before = usedBytes();
  keep(make());
  const bytes = usedBytes() - before;
  keep(undefined);
  return bytes;
}

async function settled(): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  globalThis.gc?.();
  return process.memoryUsage().rss;
}
