import { createMemoryStore } from "@dunlin/store/memory";
import { describe, expect, it } from "vitest";
import { idKey } from "../base/index.ts";
import { decodeFrame } from "./frames.ts";
import { A, B, M, openScene, write } from "./testing.ts";

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe("a member between two others", () => {
  it("passes on what had waited here to the one that brought what it waited for", async () => {
    const { wire, founder, a, b, node } = await openScene({ createStore: createMemoryStore, nextTurn }, 31);
    const m = await node(M, a.at.crypto.createSigner(a.at.random.bytes(32)), founder);
    await a.replica.declare({ kind: "add", member: m.signer.publicKey, role: "writer", nonce: new Uint8Array(16) });
    for (const [one, other] of [
      [A, B],
      [A, M],
      [B, M],
    ] as const)
      wire.connect(one, other);
    await wire.run();
    const { length: before } = m.replica.missingFrom(new Map(), 1e9).deltas;

    // What B writes reaches A at once and M late, and A reaches B no more: B has A's next delta from M or not at all.
    const held: Uint8Array[] = [];
    const later: Uint8Array[] = [];
    wire.tamper = (from, to, frame) => {
      const decoded = decodeFrame(frame);
      if (decoded?.kind !== "deltas") return frame;
      if (from === A && to === B) return undefined;
      if (to !== M || !decoded.deltas.some((delta) => held.some((one) => idKey(one) === idKey(delta)))) return frame;
      if (from === B) later.push(frame);
      return undefined;
    };
    const stop = b.replica.onCommit(({ deltas }) => {
      for (const { delta, local } of deltas) if (local) held.push(delta.bytes);
    });
    await write(b.replica, 1);
    stop();
    await wire.run();
    await write(a.replica, 2);
    await wire.run();
    expect([m.replica.pendingSize, later.length > 0]).toEqual([1, true]);

    const pulls = b.engine.counters.get("sync.frames_pull") ?? 0;
    wire.engines.get(M)?.onFrame(B, later[0] as Uint8Array);
    await wire.run();
    for (const { replica } of [m, b]) expect(replica.missingFrom(new Map(), 1e9).deltas).toHaveLength(before + 2);
    expect(b.engine.counters.get("sync.frames_pull") ?? 0).toBe(pulls);
  });
});
