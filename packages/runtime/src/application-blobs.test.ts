import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type BlobId,
  type ContextId,
  concatBytes,
  contextId,
  idToText,
  ok,
  type PeerId,
  peerId,
  type Result,
  utf8,
} from "@dunlin/core/base";
import {
  BLOB_CHUNK_BYTES,
  BlobExchange,
  type BlobExchangePorts,
  BlobStore,
  blobIdOf,
  decodeBlobFrame,
  encodeBlobFrame,
} from "@dunlin/core/blobs";
import { createCrypto } from "@dunlin/core/crypto";
import { openChunkFiles, readChunkNow } from "@dunlin/store/files";
import { createMemoryStore } from "@dunlin/store/memory";
import { afterAll, expect, it } from "vitest";
import { type ApplicationBlobs, createApplicationBlobs } from "./application-blobs.ts";
import { type BlobChanges, type BlobReader, CallBlobs } from "./call-blobs.ts";
import { APPLICATION_BLOBS_MAX } from "./limits.ts";

const root = mkdtempSync(join(tmpdir(), "dunlin-application-blobs-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const crypto = createCrypto();
const HERE: ContextId = contextId(new Uint8Array(32).fill(1));
const OTHER: ContextId = contextId(new Uint8Array(32).fill(2));
const CONTENT = concatBytes(new Uint8Array(BLOB_CHUNK_BYTES).fill(3), utf8("the end"));

interface Member {
  readonly folder: string;
  readonly blobs: BlobStore;
  readonly exchange: BlobExchange;
  readonly applications: ApplicationBlobs;
}

/** Two nodes that hand each other frames. `apart`: neither is connected; `mute`: no frame comes, and timers are due at once. */
async function openTwo({ apart = false, mute = false } = {}): Promise<[Member, Member]> {
  const members: Member[] = [];
  for (const [index, self] of [peerId("one"), peerId("two")].entries()) {
    const folder = mkdtempSync(join(root, "node-"));
    const store = createMemoryStore();
    const chunks = await openChunkFiles(folder);
    const blobs = await BlobStore.open({ store, chunks, crypto }, utf8("b"));
    const others: readonly PeerId[] = apart ? [] : [peerId(index === 0 ? "two" : "one")];
    const ports: Pick<BlobExchangePorts, "scheduler" | "peersOf"> = {
      scheduler: {
        after: (_, run) => {
          if (mute) setImmediate(run);
          return () => {};
        },
      },
      peersOf: () => others,
    };
    const exchange: BlobExchange = new BlobExchange({
      ...ports,
      blobs,
      chunks,
      crypto,
      clock: { now: () => 0 },
      send: (context, _, frame) => {
        const decoded = decodeBlobFrame(encodeBlobFrame(frame));
        if (decoded && !mute) queueMicrotask(() => members[1 - index]?.exchange.onFrame(context, self, decoded));
        return "queued";
      },
      charge: () => {},
    });
    const readChunk = (id: Parameters<typeof readChunkNow>[1]): Uint8Array | undefined => readChunkNow(folder, id);
    const applications = createApplicationBlobs({
      ...ports,
      blobs,
      exchange,
      crypto,
      readChunk,
      blobBytesMax: (context) => (idToText(context) === idToText(OTHER) ? CONTENT.length : undefined),
    });
    members.push({ folder, blobs, exchange, applications });
  }
  return members as [Member, Member];
}

function hashOf(bytes: Uint8Array): string {
  return idToText(crypto.sha256(bytes));
}

/** The hash of a blob's bytes, as a call reads them; and how often it was run. */
async function read({ applications }: Member, id: BlobId, context = HERE): Promise<[number, string | undefined]> {
  let runs = 0;
  const result = await applications.run(context, (blobs: BlobReader): Result<string | undefined> => {
    runs++;
    const size = blobs.size(id);
    return ok(size === undefined ? undefined : hashOf(blobs.read(id, 0, size)));
  });
  if (!result.ok) throw new Error(result.error.code);
  return [runs, result.value];
}

async function write({ applications }: Member, announce: boolean): Promise<BlobId> {
  const call = new CallBlobs({ size: () => undefined, read: () => new Uint8Array(0) }, crypto);
  const id = call.write(CONTENT);
  if (announce) call.announce(id);
  expect(await applications.keep(HERE, call.changes)).toEqual(ok(null));
  return id;
}

it("what a call writes is kept, and what it announces comes to a member whose call reads it", async () => {
  const [one, two] = await openTwo();
  const id = await write(one, true);
  expect(id).toEqual(blobIdOf(crypto, CONTENT));
  expect((await two.blobs.info(id))?.size).toBeUndefined();
  for (const member of [one, two]) expect(await read(member, id)).toEqual([2, hashOf(CONTENT)]);
  expect(await two.blobs.isLinked(HERE, id)).toBe(true);
});

it("what is above the budget of its context is not kept, nor are the others of the call", async () => {
  const [one] = await openTwo();
  const announced = (...contents: Uint8Array[]): BlobChanges => {
    const call = new CallBlobs({ size: () => undefined, read: () => new Uint8Array(0) }, crypto);
    for (const content of contents) call.announce(call.write(content));
    return call.changes;
  };
  const more = CONTENT.subarray(1);
  const refused = await one.applications.keep(OTHER, announced(CONTENT, more));
  expect([refused.ok || refused.error.code, await one.blobs.list()]).toEqual(["BUDGET_BLOBS", []]);
  expect(await one.applications.keep(OTHER, announced(CONTENT))).toEqual(ok(null));
  await one.blobs.put([more]);
  expect((await one.applications.keep(OTHER, announced(more))).ok).toBe(false);
  expect(await one.blobs.list()).toHaveLength(2);
  expect(await one.applications.keep(OTHER, announced(CONTENT))).toEqual(ok(null));
});

it("what is not announced stays on its node, where every context may read it", async () => {
  const [one, two] = await openTwo();
  const id = await write(one, false);
  expect(await read(two, id)).toEqual([2, undefined]);
  for (const context of [HERE, OTHER]) expect((await read(one, id, context))[1]).toBe(hashOf(CONTENT));
});

it("what another context has is not shown, until a member gives it to this one", async () => {
  const [one, two] = await openTwo();
  await two.blobs.put([CONTENT]);
  const blob = blobIdOf(crypto, CONTENT);
  await two.blobs.link(OTHER, blob);
  expect(await read(two, blob)).toEqual([2, undefined]);
  await write(one, true);
  expect(await read(two, blob)).toEqual([2, hashOf(CONTENT)]);
});

it("reads ranges over the ends of chunks", async () => {
  const [one] = await openTwo({ apart: true });
  const id = await write(one, false);
  const part = await one.applications.run(HERE, (blobs) => {
    const size = blobs.size(id) ?? 0;
    return ok([blobs.read(id, BLOB_CHUNK_BYTES - 2, BLOB_CHUNK_BYTES + 3), blobs.read(id, size, size)]);
  });
  expect(part).toEqual(ok([concatBytes(Uint8Array.of(3, 3), utf8("the")), new Uint8Array(0)]));
});

it("a call fails with a code when a blob does not come in time, is damaged, or is one too many", async () => {
  const [, two] = await openTwo({ mute: true });
  const nowhere = blobIdOf(crypto, utf8("nowhere"));
  await expect(read(two, nowhere)).rejects.toThrow("TIMEOUT");
  const [one] = await openTwo({ apart: true });
  expect(await read(one, nowhere)).toEqual([2, undefined]);
  const many = one.applications.run(HERE, (blobs) => {
    for (let i = 0; i <= APPLICATION_BLOBS_MAX; i++) blobs.size(blobIdOf(crypto, Uint8Array.of(i)));
    return ok(null);
  });
  expect(await many).toMatchObject({ ok: false, error: { code: "LIMIT_EXCEEDED" } });
  const id = await write(one, false);
  writeFileSync(join(one.folder, idToText(crypto.sha256(utf8("the end")))), "another");
  await expect(read(one, id)).rejects.toThrow("STORE_CORRUPT");
});
