/** What a context may hold of blobs on this node. */
import { type BlobId, type ContextId, type Err, err, type Failure } from "@dunlin/core/base";
import type { BlobStore } from "@dunlin/core/blobs";

/** Gives blobs that are here to a context; all of them, or none when it would hold more than it may. */
export async function linkWithin(
  blobs: BlobStore,
  context: ContextId,
  ids: readonly BlobId[],
  max: number | undefined,
): Promise<Err<Failure> | undefined> {
  if (max !== undefined) {
    const { held, more } = await bytesWith(blobs, context, ids);
    if (more > 0 && held + more > max) {
      const message = `the context holds ${held} bytes of blobs, and ${more} more are above its budget of ${max}`;
      return err("BUDGET_BLOBS", message);
    }
  }
  for (const id of ids) await blobs.link(context, id);
  return undefined;
}

async function bytesWith(
  blobs: BlobStore,
  context: ContextId,
  ids: readonly BlobId[],
): Promise<{ readonly held: number; readonly more: number }> {
  let held = 0;
  for (const { id, size } of await blobs.list()) {
    if (await blobs.isLinked(context, id)) held += size;
  }
  let more = 0;
  for (const id of ids) {
    if (!(await blobs.isLinked(context, id))) more += (await blobs.info(id))?.size ?? 0;
  }
  return { held, more };
}
