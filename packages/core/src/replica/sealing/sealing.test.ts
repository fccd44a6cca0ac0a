/** Sealed contexts: who can read what, and the histories of counterexamples C4 and C5. */
import { createMemoryStore } from "@dunlin/store/memory";
import { describe, expect, it } from "vitest";
import { type ContextId, concatBytes, type KeyValueStore, must, type Signer, utf8 } from "../../base/index.ts";
import { createCrypto } from "../../crypto/index.ts";
import { type AuthenticDelta, decodeDelta, signDelta } from "../../dag/index.ts";
import { auditContext } from "../audit.ts";
import { NEED_DELAY_MAX_MS } from "../limits.ts";
import { Replica } from "../replica.ts";
import { rootOf, type TestPorts, testGenesis, testPorts } from "../testing.ts";

const crypto = createCrypto();
const nonce = new Uint8Array(16);

interface Node {
  readonly ports: TestPorts;
  readonly replica: Replica;
  readonly signer: Signer;
}

async function openAs(
  signer: Signer,
  context: ContextId,
  seed: number,
  store: KeyValueStore = createMemoryStore(),
): Promise<Node> {
  const ports = testPorts(store, seed);
  const opened = await Replica.open(ports, { context, signer, place: "here" });
  if (!opened.ok) throw new Error(opened.error.message);
  return { ports, replica: opened.value, signer };
}

/** A sealed context of a founder and others whom it added, each with a replica that holds everything so far. */
async function scene(seed: number, others: number) {
  const signers = Array.from({ length: others + 1 }, (_, i) => crypto.createSigner(new Uint8Array(32).fill(seed + i)));
  const genesis = testGenesis(must(signers[0], "a founder"), seed, { isSealed: true });
  const nodes = await Promise.all(signers.map((signer, i) => openAs(signer, genesis.context, seed * 10 + i)));
  for (const { replica } of nodes) replica.admit(genesis.bytes);
  const [founder, ...rest] = nodes as [Node, ...Node[]];
  for (const { signer } of rest) {
    await founder.replica.declare({ kind: "add", member: signer.publicKey, role: "admin", nonce });
  }
  for (const node of rest) await tell(founder, node);
  return { founder, rest, genesis };
}

async function write({ replica }: Node, key: string): Promise<void> {
  const done = await replica.call((t) => {
    t.field("map", "m").set(key, `secret ${key}`);
    return { ok: true, value: 0, events: [{ kind: "told", data: utf8(`secret event ${key}`), handler: "" }] };
  });
  expect(done, key).toMatchObject({ ok: true });
}

async function tell(from: Node, to: Node): Promise<void> {
  await from.replica.settled();
  to.replica.admitMany(from.replica.missingFrom(to.replica.vector(), 1e9).deltas);
  await to.replica.settled();
}

/** Everybody tells everybody, and time goes by, until all that may be done for others is done. */
async function rest(nodes: readonly Node[]): Promise<void> {
  for (let round = 0; round < 3; round++) {
    for (const from of nodes) for (const to of nodes) if (from !== to) await tell(from, to);
    for (let ms = 0; ms <= NEED_DELAY_MAX_MS; ms += 500) {
      for (const { ports, replica } of nodes) {
        ports.nowMs += 500;
        replica.tick();
        await replica.settled();
      }
    }
  }
}

const keysOf = ({ replica }: Node): string[] => [...replica.document.field("map", "m").keys()].sort();
const epochsOf = ({ replica }: Node): number => replica.access().epochs.all.length;

function deltasOf({ replica }: Node): AuthenticDelta[] {
  return replica.missingFrom(new Map(), 1e9).deltas.map((bytes) => {
    const decoded = decodeDelta(crypto, replica.context, bytes);
    if (!decoded.ok) throw new Error(decoded.error.message);
    return decoded.value as unknown as AuthenticDelta;
  });
}

describe("a sealed context", () => {
  it("shows nothing of what is written to who has no key", async () => {
    const { founder, rest: others } = await scene(1, 1);
    await write(founder, "alpha");
    await tell(founder, others[0]!);
    expect(keysOf(others[0]!)).toEqual(["alpha"]);
    expect(rootOf(others[0]!.replica)).toBe(rootOf(founder.replica));
    const wire = Buffer.concat(founder.replica.missingFrom(new Map(), 1e9).deltas).toString("latin1");
    for (const secret of ["secret", "alpha", "told"]) expect(wire).not.toContain(secret);
  });

  it("names its epoch once per actor, and survives being opened again", async () => {
    const { founder, genesis } = await scene(2, 1);
    const store = founder.ports.store;
    await write(founder, "a");
    await write(founder, "b");
    expect(
      deltasOf(founder)
        .filter(({ sealed }) => sealed)
        .map(({ epoch }) => epoch !== undefined),
    ).toEqual([true, false]);
    const root = rootOf(founder.replica);
    await founder.replica.close();
    const again = await openAs(founder.signer, genesis.context, 99, store);
    expect(keysOf(again)).toEqual(["a", "b"]);
    expect(rootOf(again.replica)).toBe(root);
    await write(again, "c");
    expect(auditContext(crypto, store, genesis.context, founder.signer)).toMatchObject({ ok: true });
    expect(auditContext(crypto, store, genesis.context)).toMatchObject({ ok: false });
  });

  it("takes no calls in the clear, and none under a key of a stranger", async () => {
    const { founder, rest: others, genesis } = await scene(3, 1);
    await write(founder, "a");
    const last = must(deltasOf(founder).at(-1), "a delta");
    const body = {
      author: { first: true, member: others[0]!.signer.publicKey, replica: new Uint8Array(16) } as const,
      stamp: (last.stamp + 1) as typeof last.stamp,
      parents: [last.id],
      epoch: undefined,
      cause: undefined,
      applicationVersion: undefined,
      extensions: [],
      sealed: false,
      payload: concatBytes(Uint8Array.of(1, 1, 1, 0, 0, 0)),
    };
    const forbidden = { kind: "refused", error: { code: "DELTA_FORBIDDEN" } };
    const clear = signDelta(crypto, others[0]!.signer, genesis.context, body);
    expect(founder.replica.admit(clear.bytes)).toMatchObject(forbidden);
    const unknown = { ...body, sealed: true, epoch: last.id };
    expect(founder.replica.admit(signDelta(crypto, others[0]!.signer, genesis.context, unknown).bytes)).toMatchObject(
      forbidden,
    );
    // What does not open is empty, and blocks nobody.
    const garbage = { ...body, sealed: true, epoch: genesis.context as unknown as typeof last.id };
    const empty = signDelta(crypto, others[0]!.signer, genesis.context, garbage);
    expect(founder.replica.admit(empty.bytes)).toMatchObject({ kind: "admitted", admitted: [{ entries: [] }] });
  });

  it("gives a new member all of its history, and a removed one nothing after", async () => {
    const { founder, rest: others, genesis } = await scene(4, 2);
    const [ben, cat] = others as [Node, Node];
    await write(founder, "before");
    await tell(founder, ben);
    await founder.replica.declare({ kind: "remove", member: ben.signer.publicKey });
    await write(founder, "after");
    expect(epochsOf(founder)).toBe(2);
    await tell(founder, ben);
    expect(keysOf(ben)).toEqual(["before"]);
    expect(ben.replica.pendingSize).toBeGreaterThan(0);
    expect(ben.replica.roleOf(ben.signer.publicKey)).toBeUndefined();
    await tell(founder, cat);
    expect(keysOf(cat)).toEqual(["after", "before"]);
    const dan = await openAs(crypto.createSigner(new Uint8Array(32).fill(77)), genesis.context, 400);
    await cat.replica.declare({ kind: "add", member: dan.signer.publicKey, role: "reader", nonce });
    await dan.replica.takeOverKeys(cat.signer.publicKey, cat.replica.handOverKeys(dan.signer.publicKey));
    await tell(cat, dan);
    expect(keysOf(dan)).toEqual(["after", "before"]);
    // From the log alone, once it is whole: nothing hangs on what was handed over.
    await dan.replica.close();
    await dan.ports.store.commit([{ kind: "delete", key: concatBytes(genesis.context, utf8("s")) }]);
    const again = await openAs(dan.signer, genesis.context, 401, dan.ports.store);
    await write(cat, "later");
    await tell(cat, again);
    expect(keysOf(again)).toEqual(["after", "before", "later"]);
  });

  it("gives a member who is let in again what was written meanwhile, under a key that is in use no more", async () => {
    const { founder, rest: others } = await scene(6, 2);
    const [ben, cat] = others as [Node, Node];
    await founder.replica.declare({ kind: "remove", member: ben.signer.publicKey });
    await write(founder, "meanwhile");
    // The key of it is cat's too, so nobody may use it, and nobody has written since.
    await founder.replica.declare({ kind: "remove", member: cat.signer.publicKey });
    await founder.replica.declare({ kind: "add", member: ben.signer.publicKey, role: "writer", nonce });
    await tell(founder, ben);
    expect(keysOf(ben)).toEqual(["meanwhile"]);
    expect(ben.replica.roleOf(ben.signer.publicKey)).toBe("writer");
  });

  it("starts the stream of a new member although it was cut off between key and log", async () => {
    const { founder, genesis } = await scene(5, 0);
    await write(founder, "old");
    const dan = crypto.createSigner(new Uint8Array(32).fill(78));
    await founder.replica.declare({ kind: "add", member: dan.publicKey, role: "reader", nonce });
    const joining = await openAs(dan, genesis.context, 500);
    await joining.replica.takeOverKeys(founder.signer.publicKey, founder.replica.handOverKeys(dan.publicKey));
    await joining.replica.close();
    const again = await openAs(dan, genesis.context, 501, joining.ports.store);
    await tell(founder, again);
    expect(keysOf(again)).toEqual(["old"]);
  });
});

describe("C4: two removals that do not know of each other", () => {
  it("leave a key that neither of the removed has", async () => {
    const { founder: ann, rest: others } = await scene(6, 3);
    const [ben, xen, yan] = others as [Node, Node, Node];
    await ann.replica.declare({ kind: "remove", member: xen.signer.publicKey });
    await write(ann, "from ann");
    await ben.replica.declare({ kind: "remove", member: yan.signer.publicKey });
    await write(ben, "from ben");
    await rest([ann, ben]);
    expect(keysOf(ann)).toEqual(["from ann", "from ben"]);
    const before = epochsOf(ann);
    await write(ann, "after both");
    expect(epochsOf(ann)).toBe(before + 1);
    await tell(ann, ben);
    expect(keysOf(ben)).toContain("after both");
    for (const removed of [xen, yan]) {
      await tell(ann, removed);
      expect(keysOf(removed)).not.toContain("after both");
    }
    expect(rootOf(ben.replica)).toBe(rootOf(ann.replica));
  });

  it("leave no use for a key that was made for fewer than it was given to", async () => {
    const { founder: ann, rest: others, genesis } = await scene(7, 2);
    const [ben, cat] = others as [Node, Node];
    await ann.replica.declare({ kind: "remove", member: cat.signer.publicKey });
    await ann.replica.settled();
    // Cat's key is the first epoch's: a delta that names it after the removal is nobody's to admit.
    const removal = must(deltasOf(ann).at(-1), "a delta");
    const late = signDelta(crypto, ben.signer, genesis.context, {
      author: { first: true, member: ben.signer.publicKey, replica: new Uint8Array(16).fill(5) },
      stamp: (removal.stamp + 1) as typeof removal.stamp,
      parents: [removal.id],
      epoch: genesis.context as unknown as typeof removal.id,
      cause: undefined,
      applicationVersion: undefined,
      extensions: [],
      sealed: true,
      payload: new Uint8Array(60),
    });
    expect(ann.replica.admit(late.bytes)).toMatchObject({ kind: "refused", error: { code: "DELTA_FORBIDDEN" } });
  });
});

describe("a member without a key", () => {
  it("waits, asks, and is handed it by whoever has it", async () => {
    const { founder: ann, rest: others, genesis } = await scene(8, 1);
    const [ben] = others as [Node];
    const dan = await openAs(crypto.createSigner(new Uint8Array(32).fill(79)), genesis.context, 800);
    // Ben adds dan while ann, who does not know, starts an epoch without him.
    const gone = crypto.createSigner(new Uint8Array(32).fill(80));
    await ann.replica.declare({ kind: "add", member: gone.publicKey, role: "reader", nonce });
    await ann.replica.declare({ kind: "remove", member: gone.publicKey });
    await write(ann, "under the new key");
    await ben.replica.declare({ kind: "add", member: dan.signer.publicKey, role: "writer", nonce });
    await tell(ann, ben);
    await tell(ben, dan);
    expect(keysOf(dan)).toEqual([]);
    expect(dan.replica.pendingSize).toBeGreaterThan(0);
    await rest([ann, ben, dan]);
    expect(keysOf(dan)).toEqual(["under the new key"]);
    expect(dan.replica.pendingSize).toBe(0);
    const roots = [ann, ben, dan].map(({ replica }) => rootOf(replica));
    expect(new Set(roots).size).toBe(1);
    // Those who had to wait can write, and are read.
    await write(dan, "by dan");
    await tell(dan, ann);
    expect(keysOf(ann)).toContain("by dan");
  });

  it("takes no key that is not the one its epoch commits to", async () => {
    const { founder: ann, genesis } = await scene(9, 0);
    await write(ann, "true");
    const dan = await openAs(crypto.createSigner(new Uint8Array(32).fill(81)), genesis.context, 900);
    await ann.replica.declare({ kind: "add", member: dan.signer.publicKey, role: "reader", nonce });
    const handed = ann.replica.handOverKeys(dan.signer.publicKey);
    // A box that opens to another key, under the hash of that other key.
    handed.set(new Uint8Array(32).fill(1), 32);
    await dan.replica.takeOverKeys(ann.signer.publicKey, handed);
    await tell(ann, dan);
    // The log's own box is good, and comes with the addition.
    expect(keysOf(dan)).toEqual(["true"]);
  });
});
