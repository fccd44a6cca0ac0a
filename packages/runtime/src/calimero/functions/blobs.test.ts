import { type BlobId, blobId, utf8 } from "@dunlin/core/base";
import { createCrypto } from "@dunlin/core/crypto";
import { describe, expect, it } from "vitest";
import { BlobMiss } from "../../call-blobs.ts";
import { GuestScript } from "../../testing/guest-script.ts";
import { CONTEXT, EXECUTOR, failureType, guestHost, localWorld } from "../../testing/guest-worlds.ts";
import { outcome, run, typeOf } from "../../testing/run-script.ts";

const crypto = createCrypto();

function thrown(what: unknown): never {
  throw what;
}

describe("blobs of a guest", () => {
  it("reads blobs as they were written, to a short end", () => {
    const chunk = 1 << 20;
    const s = new GuestScript();
    const [into, id] = [s.room(chunk), s.room(32)];
    const part = s.room(chunk).buffer;
    const half = s.room(chunk / 2).buffer;
    s.call("blob_create").call("blob_write", 1n, part).call("blob_write", 1n, part).call("blob_write", 1n, half);
    s.call("blob_close", 1n, id.buffer).call("blob_open", id.buffer);
    for (let i = 0; i < 4; i++) s.call("blob_read", 2n, into.buffer);
    s.call("blob_announce_to_context", id.buffer, s.buffer(CONTEXT)).call("blob_close", 2n, id.buffer);
    const [big, small] = [BigInt(chunk), BigInt(chunk / 2)];
    expect(run(s)).toEqual([1n, big, big, small, 1n, 2n, big, big, small, 0n, 1n, 1n]);
    const result = outcome(s);
    expect(result.ok && result.blobs.written.map(({ length }) => length)).toEqual([2.5 * chunk]);
    expect(result.ok && result.blobs.announced).toHaveLength(1);
    const missing = new GuestScript();
    expect(typeOf(missing.call("blob_announce_to_context", missing.buffer(CONTEXT), missing.buffer(CONTEXT)))).toBe(
      "BlobsNotSupported",
    );
    expect(typeOf(new GuestScript().call("blob_read", 7n, new GuestScript().room(1).buffer))).toBe("InvalidBlobHandle");
  });

  it("reads blobs of the host in parts, after those that are missing were brought", () => {
    const content = utf8("some content");
    const id = blobId(crypto.sha256(content));
    const s = new GuestScript();
    const into = s.room(8);
    s.call("blob_open", s.buffer(id));
    for (let i = 0; i < 3; i++) s.call("blob_read", 1n, into.buffer).take(into.at, 8);
    const padded = (text: string, rest: string): Uint8Array => utf8(text + rest);
    const here = {
      size: () => content.length,
      read: (_: Uint8Array, from: number, to: number) => content.slice(from, to),
    };
    const host = guestHost({ local: localWorld({ blobs: here }) });
    expect(run(s, host)).toEqual([1n, 8n, utf8("some con"), 4n, padded("tent", " con"), 0n, padded("tent", " con")]);
    expect(run(s)).toEqual([1n, 0n, new Uint8Array(8), 0n, new Uint8Array(8), 0n, new Uint8Array(8)]);
    const missing = { ...here, size: (blob: BlobId) => thrown(new BlobMiss(blob)) };
    let caught: unknown;
    try {
      outcome(s, guestHost({ local: localWorld({ blobs: missing }) }));
    } catch (error) {
      caught = error;
    }
    expect(caught).toEqual(new BlobMiss(id));
    const announce = (context: Uint8Array): GuestScript => {
      const a = new GuestScript();
      return a.call("blob_announce_to_context", a.buffer(id), a.buffer(context));
    };
    const announced = outcome(announce(CONTEXT), host);
    expect(announced.ok && announced.blobs).toEqual({ written: [], announced: [id] });
    expect(failureType(outcome(announce(EXECUTOR), host))).toBe("BlobContextMismatch");
  });
});
