import { createMemoryStore } from "@dunlin/store/memory";
import { describe, expect, it } from "vitest";
import {
  type BlobId,
  bytesEqual,
  type ContextId,
  concatBytes,
  type PeerId,
  peerId,
  type Result,
  type SendOutcome,
  utf8,
} from "../base/index.ts";
import { createCrypto } from "../crypto/index.ts";
import { BlobExchange } from "./blob-exchange.ts";
import { type BlobFrame, decodeBlobFrame, encodeBlobFrame } from "./blob-frames.ts";
import { BlobStore } from "./blob-store.ts";
import { createStoredChunks } from "./chunk-files.ts";
import { BLOB_ANSWER_TIMEOUT_MS, BLOB_CHUNK_BYTES, BLOB_QUESTIONS_QUEUED_MAX } from "./limits.ts";

const crypto = createCrypto();
const context = new Uint8Array(32).fill(1) as ContextId;
const other = new Uint8Array(32).fill(2) as ContextId;
const pattern = (length: number) => new Uint8Array(length).map((_, at) => (at * 31) % 241);

function value<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.error.code);
  return result.value;
}

type Bend = (frame: BlobFrame) => BlobFrame | undefined;

/** Members that hand each other frames through their encoding, one turn later. `bend` is what a liar does to its own. */
class Members {
  readonly exchanges = new Map<PeerId, BlobExchange>();
  readonly stores = new Map<PeerId, BlobStore>();
  readonly charged: PeerId[] = [];
  readonly sent: string[] = [];
  nowMs = 0;

  async add(name: string, bend: Bend = (frame) => frame): Promise<PeerId> {
    const self = peerId(name);
    const store = createMemoryStore();
    const chunks = createStoredChunks(store, utf8("chunk/"));
    const blobs = await BlobStore.open({ store, chunks, crypto }, utf8("blobs/"));
    const send = (to: ContextId, peer: PeerId, frame: BlobFrame): SendOutcome => {
      const bent = bend(frame);
      const receiver = this.exchanges.get(peer);
      if (!receiver) return "disconnected";
      this.sent.push(`${name} ${frame.kind}`);
      if (!bent) return "queued";
      const decoded = decodeBlobFrame(encodeBlobFrame(bent));
      if (!decoded) throw new Error("a frame that does not decode");
      void Promise.resolve().then(() => receiver.onFrame(to, self, decoded));
      return "queued";
    };
    const exchange = new BlobExchange({
      blobs,
      chunks,
      crypto,
      clock: { now: () => this.nowMs },
      scheduler: { after: () => () => {} },
      peersOf: () => [...this.exchanges.keys()].filter((peer) => peer !== self),
      send,
      charge: (peer) => this.charged.push(peer),
    });
    this.exchanges.set(self, exchange);
    this.stores.set(self, blobs);
    return self;
  }

  exchange(peer: PeerId): BlobExchange {
    return this.exchanges.get(peer) as BlobExchange;
  }

  store(peer: PeerId): BlobStore {
    return this.stores.get(peer) as BlobStore;
  }

  async give(peer: PeerId, bytes: Uint8Array, to = context): Promise<BlobId> {
    const { id } = value(await this.store(peer).put([bytes]));
    await this.store(peer).link(to, id);
    return id;
  }

  async read(peer: PeerId, id: BlobId): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    for await (const part of value(await this.store(peer).read(id))) parts.push(part.slice());
    return concatBytes(...parts);
  }
}

const bytes = pattern(5 * BLOB_CHUNK_BYTES + 77);

describe("fetching a blob", () => {
  it("takes its chunks from all who have it", async () => {
    const members = new Members();
    const [one, two, wants] = [await members.add("one"), await members.add("two"), await members.add("wants")];
    const id = await members.give(one, bytes);
    await members.give(two, bytes);
    const [info, again] = await Promise.all([
      members.exchange(wants).fetch(context, id),
      members.exchange(wants).fetch(context, id),
    ]);
    expect(value(info)).toEqual({ id, size: bytes.length, hash: crypto.sha256(bytes) });
    expect(again).toEqual(info);
    expect(bytesEqual(await members.read(wants, id), bytes)).toBe(true);
    expect(await members.store(wants).isLinked(context, id)).toBe(true);
    const count = (what: string) => members.sent.filter((line) => line === what).length;
    expect(count("wants ask")).toBe(1);
    expect(count("one piece")).toBeGreaterThan(0);
    expect(count("two piece")).toBeGreaterThan(0);
    expect(count("one piece") + count("two piece")).toBe(5 * 4 + 1);
  });

  it("asks for one that lies here for another context, which then has it, and takes no bytes anew", async () => {
    const members = new Members();
    const [has, wants] = [await members.add("has"), await members.add("wants")];
    const id = await members.give(has, bytes);
    await members.give(wants, bytes, other);
    expect(value(await members.exchange(wants).fetch(context, id)).id).toEqual(id);
    expect(await members.store(wants).isLinked(context, id)).toBe(true);
    expect(members.sent).toEqual(["wants ask", "has manifest"]);
  });

  it("asks for each context that wants it, also at the same time", async () => {
    const members = new Members();
    const [has, wants] = [await members.add("has"), await members.add("wants")];
    const id = await members.give(has, bytes);
    await members.store(has).link(other, id);
    await Promise.all([context, other].map((to) => members.exchange(wants).fetch(to, id)));
    for (const to of [context, other]) expect(await members.store(wants).isLinked(to, id)).toBe(true);
  });

  it("takes one without bytes", async () => {
    const members = new Members();
    const [has, wants] = [await members.add("has"), await members.add("wants")];
    const id = await members.give(has, new Uint8Array(0));
    expect(value(await members.exchange(wants).fetch(context, id)).size).toBe(0);
  });

  it("says that nobody has it, in the same words when another context has it", async () => {
    const members = new Members();
    const [has, wants] = [await members.add("has"), await members.add("wants")];
    const id = await members.give(has, bytes, other);
    const refused = await members.exchange(wants).fetch(context, id);
    const absent = await members.exchange(wants).fetch(context, crypto.sha256(utf8("none")) as BlobId);
    expect(refused).toEqual(absent);
    expect(refused).toMatchObject({ error: { code: "BLOB_NOT_FOUND" } });
    expect(members.charged).toEqual([]);
  });

  const lies: [string, Bend][] = [
    ["a chunk", (frame) => (frame.kind === "piece" ? { ...frame, bytes: frame.bytes.map((byte) => byte ^ 1) } : frame)],
    ["the order", (frame) => (frame.kind === "piece" ? { ...frame, piece: (frame.piece + 1) % 4 } : frame)],
    ["the length", (frame) => (frame.kind === "piece" ? { ...frame, bytes: frame.bytes.subarray(1) } : frame)],
    [
      "the size",
      (frame) =>
        frame.kind === "manifest"
          ? { kind: "manifest", manifest: { ...frame.manifest, size: bytes.length - 3 } }
          : frame,
    ],
    [
      "the chunks",
      (frame) =>
        frame.kind === "manifest"
          ? { kind: "manifest", manifest: { ...frame.manifest, chunks: frame.manifest.chunks.toReversed() } }
          : frame,
    ],
  ];

  it.each(lies)("finds who lies about %s, and takes it from who does not", async (_what, bend) => {
    const members = new Members();
    const [liar, honest, wants] = [
      await members.add("liar", bend),
      await members.add("honest"),
      await members.add("wants"),
    ];
    const id = await members.give(liar, bytes);
    await members.give(honest, bytes);
    expect(value(await members.exchange(wants).fetch(context, id)).hash).toEqual(crypto.sha256(bytes));
    expect(bytesEqual(await members.read(wants, id), bytes)).toBe(true);
    expect(members.charged).toEqual([liar]);
  });

  it("ignores a hash that is a lie: it is told from the bytes", async () => {
    const members = new Members();
    const lie: Bend = (frame) =>
      frame.kind === "manifest"
        ? { kind: "manifest", manifest: { ...frame.manifest, hash: new Uint8Array(32) } }
        : frame;
    const [liar, wants] = [await members.add("liar", lie), await members.add("wants")];
    const id = await members.give(liar, bytes);
    expect(value(await members.exchange(wants).fetch(context, id)).hash).toEqual(crypto.sha256(bytes));
  });

  it("gives up who is silent, and goes on with another", async () => {
    const members = new Members();
    let answers = 0;
    const [silent, honest, wants] = [
      await members.add("silent", (frame) => (frame.kind === "piece" && ++answers > 3 ? undefined : frame)),
      await members.add("honest"),
      await members.add("wants"),
    ];
    const id = await members.give(silent, bytes);
    await members.give(honest, bytes);
    const fetched = members.exchange(wants).fetch(context, id);
    let settled = false;
    void fetched.then(() => {
      settled = true;
    });
    for (let round = 0; round < 200 && !settled; round++) {
      await new Promise((resolve) => setImmediate(resolve));
      members.nowMs += BLOB_ANSWER_TIMEOUT_MS / 10;
      members.exchange(wants).tick();
    }
    expect(value(await fetched).size).toBe(bytes.length);
    expect(members.charged).toEqual([]);
  });

  it("goes on where it stopped", async () => {
    const members = new Members();
    let pieces = 0;
    const [fickle, wants] = [
      await members.add("fickle", (frame) => (frame.kind === "piece" && ++pieces > 9 ? undefined : frame)),
      await members.add("wants"),
    ];
    const id = await members.give(fickle, bytes);
    const first = members.exchange(wants).fetch(context, id);
    for (let round = 0; round < 50; round++) await new Promise((resolve) => setImmediate(resolve));
    members.nowMs += BLOB_ANSWER_TIMEOUT_MS + 1;
    members.exchange(wants).tick();
    expect(await first).toMatchObject({ error: { code: "BLOB_NOT_FOUND" } });
    const honest = await members.add("honest");
    await members.give(honest, bytes);
    members.exchanges.delete(fickle);
    members.sent.length = 0;
    expect(value(await members.exchange(wants).fetch(context, id)).size).toBe(bytes.length);
    const resent = members.sent.filter((line) => line === "honest piece").length;
    expect(resent).toBeLessThan(21);
  });

  it("waits for a member that has it to come", async () => {
    const members = new Members();
    const wants = await members.add("wants");
    const fetched = members.exchange(wants).fetch(context, crypto.sha256(crypto.sha256(utf8("late"))) as BlobId);
    const late = await members.add("late");
    await members.give(late, utf8("late"));
    members.exchange(wants).onPeer(late);
    expect(value(await fetched).size).toBe(4);
  });

  it("stops waiting when its signal says so", async () => {
    const members = new Members();
    const wants = await members.add("wants");
    const controller = new AbortController();
    const fetched = members.exchange(wants).fetch(context, crypto.sha256(utf8("x")) as BlobId, controller.signal);
    controller.abort(new Error("enough"));
    await expect(fetched).rejects.toThrow("enough");
  });

  it("answers no more questions at once than it says", async () => {
    const members = new Members();
    const [has, asks] = [await members.add("has"), await members.add("asks")];
    const id = await members.give(has, bytes);
    for (let i = 0; i < 3 * BLOB_QUESTIONS_QUEUED_MAX; i++) {
      members.exchange(has).onFrame(context, asks, { kind: "ask", blob: id });
    }
    for (let round = 0; round < 50; round++) await new Promise((resolve) => setImmediate(resolve));
    expect(members.sent.filter((line) => line === "has manifest")).toHaveLength(BLOB_QUESTIONS_QUEUED_MAX);
  });
});
