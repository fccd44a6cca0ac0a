/** Members' nodes learn of each other's addresses through whoever is connected to both. */
import { createMemoryStore } from "@dunlin/store/memory";
import { describe, expect, it } from "vitest";
import type { PeerId, Signer } from "../base/index.ts";
import { decodeFrame, encodeFrame, type PeerAddresses } from "./frames.ts";
import { ADDRESS_BYTES_MAX, ADDRESSES_PER_PEER_MAX } from "./limits.ts";
import { A, B, M, openScene, type Scene } from "./testing.ts";

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

interface Told extends Scene {
  /** By node, what it heard: `peer at addresses`. */
  readonly heard: Map<PeerId, string[]>;
  /** By node, where it listens. */
  readonly addresses: Map<PeerId, readonly string[]>;
}

/** A is connected to B and to M, which are members all three. */
async function open(seed: number, addresses: Map<PeerId, readonly string[]> = new Map()): Promise<Told> {
  const heard = new Map<PeerId, string[]>();
  const scene = await openScene({ createStore: createMemoryStore, nextTurn }, seed, {
    discovery: (name) => ({
      addresses: () => addresses.get(name) ?? [`/at/${name}`],
      onPeer: ({ peer, addresses: told }: PeerAddresses) => {
        heard.set(name, [...(heard.get(name) ?? []), `${peer} at ${told.join()}`]);
      },
    }),
  });
  const { a, crypto, founder, node, wire } = scene;
  wire.connect(A, B);
  await wire.run();
  const signer: Signer = crypto.createSigner(new Uint8Array(32).fill(77));
  await a.replica.declare({
    kind: "add",
    member: signer.publicKey,
    role: "writer",
    nonce: new Uint8Array(16).fill(7),
  });
  await node(M, signer, founder);
  wire.connect(A, M);
  await wire.run();
  return { ...scene, heard, addresses };
}

/** Has A take in what B says of others. */
async function say({ wire, a }: Told, told: readonly PeerAddresses[]): Promise<void> {
  let channel: number | undefined;
  wire.tamper = (from, to, bytes) => {
    const frame = decodeFrame(bytes);
    if (from === B && to === A && frame && "channel" in frame) channel = frame.channel;
    return bytes;
  };
  wire.engines.get(A)?.onDisconnect(B);
  wire.engines.get(B)?.onDisconnect(A);
  wire.connect(A, B);
  await wire.run();
  wire.tamper = (_from, _to, bytes) => bytes;
  a.engine.onFrame(B, encodeFrame({ kind: "peers", channel: channel ?? -1, peers: told }));
  await wire.run();
}

describe("a member's node", () => {
  it("hears where its peer is, and from it where the others are", async () => {
    const { heard } = await open(1);
    expect(new Set(heard.get(A))).toEqual(new Set(["b at /at/b", "m at /at/m"]));
    expect(new Set(heard.get(B))).toEqual(new Set(["a at /at/a", "m at /at/m"]));
    expect(new Set(heard.get(M))).toEqual(new Set(["a at /at/a", "b at /at/b"]));
  });

  it("tells no more of itself than a peer takes", async () => {
    const many = Array.from({ length: ADDRESSES_PER_PEER_MAX + 3 }, (_, i) => `/at/${i}`);
    const { heard, wire } = await open(2, new Map([[B, ["/".repeat(ADDRESS_BYTES_MAX + 1), ...many]]]));
    expect(heard.get(A)).toContain(`b at ${many.slice(0, ADDRESSES_PER_PEER_MAX).join()}`);
    expect(wire.cuts).toEqual([]);
  });

  it("speaks for itself: what another says of it, or of who listens, is passed over", async () => {
    const told = await open(3);
    told.heard.clear();
    await say(told, [
      { peer: A, addresses: ["/false/a"] },
      { peer: M, addresses: ["/false/m"] },
      { peer: "x" as PeerId, addresses: ["/at/x"] },
    ]);
    expect(told.heard.get(A)).toContain("x at /at/x");
    expect([...told.heard.values()].flat().filter((line) => line.includes("false"))).toEqual([]);
  });

  it("is told of once while it stays where it is, and again when it has moved", async () => {
    const told = await open(4);
    told.heard.clear();
    await say(told, [{ peer: B, addresses: ["/at/b"] }]);
    const ofB = () => told.heard.get(M)?.filter((line) => line.startsWith("b")) ?? [];
    const before = ofB().length;
    await say(told, [{ peer: B, addresses: ["/new/b"] }]);
    expect(before).toBeLessThanOrEqual(1);
    expect(ofB().at(-1)).toBe("b at /new/b");
  });
});
