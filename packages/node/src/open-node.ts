/**
 * Opening a node. Loading code is most of a start, so the worker that holds the contexts loads its own while this thread
 * loads the network's and opens it.
 */
import type { NodeService, OpenNodeOptions } from "@dunlin/api";
import { ShardThread } from "./shard-thread.ts";

/** Opens a node's folder, its network and its store. Rejects with an error that has a `code`. */
export async function openNode(options: OpenNodeOptions): Promise<NodeService & AsyncDisposable> {
  const thread = new ShardThread();
  try {
    const { openOn } = await import("./node.ts");
    return await openOn(options, thread);
  } catch (thrown) {
    await thread.end();
    throw thrown;
  }
}
