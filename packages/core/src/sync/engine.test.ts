import { createMemoryStore } from "@dunlin/store/memory";
import { describe, expect, it } from "vitest";
import { signInvitation } from "../access/index.ts";
import { type ContextId, idKey, type PeerId, peerId, type Signer, type Transport } from "../base/index.ts";
import { createCrypto } from "../crypto/index.ts";
import { type AuthenticDelta, decodeDelta } from "../dag/index.ts";
import { Metrics } from "../metrics/index.ts";
import { Replica } from "../replica/index.ts";
import { Author, rootOf, START_MS, testGenesis, testPorts } from "../replica/testing.ts";
import { SyncEngine } from "./engine.ts";
import { decodeFrame, encodeFrame, type Frame } from "./frames.ts";
import { PEER_REFUSED_MAX } from "./limits.ts";
import { VirtualScheduler } from "./testing.ts";

/** Engines by name, and the frames between them: nothing arrives until `run` carries it. */
class Wire {
  readonly engines = new Map<PeerId, SyncEngine>();
  readonly cuts: string[] = [];
  readonly scheduler = new VirtualScheduler();
  /** Sees every frame; gives what arrives instead. */
  tamper: (from: PeerId, to: PeerId, frame: Uint8Array) => Uint8Array | undefined = (_from, _to, frame) => frame;
  #queue: { readonly from: PeerId; readonly to: PeerId; readonly frame: Uint8Array }[] = [];

  transport(self: PeerId): Transport {
    return {
      self,
      send: (to, frame) => {
        this.#queue.push({ from: self, to, frame });
        return "queued";
      },
      peers: () => [...this.engines.keys()].filter((peer) => peer !== self),
      disconnect: (peer, reason) => {
        this.cuts.push(`${self} cut ${peer}: ${reason}`);
        this.#queue = this.#queue.filter(({ from, to }) => ![from, to].includes(self) || ![from, to].includes(peer));
        this.engines.get(peer)?.onDisconnect(self);
      },
    };
  }

  connect(a: PeerId, b: PeerId): void {
    this.engines.get(a)?.onConnect(b);
    this.engines.get(b)?.onConnect(a);
  }

  /** Carries frames, and lets promises and flushes run, until nothing moves any more. */
  async run(): Promise<void> {
    for (let idle = 0; idle < 3; idle++) {
      this.scheduler.runAll();
      for (let next = this.#queue.shift(); next; next = this.#queue.shift()) {
        idle = 0;
        const { from, to } = next;
        const frame = this.tamper(from, to, next.frame);
        if (frame) this.engines.get(to)?.onFrame(from, frame);
        await new Promise((resolve) => setImmediate(resolve));
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

const [A, B, M] = [peerId("a"), peerId("b"), peerId("m")];

async function scene(seed: number, options: { readonly isSealed?: boolean } = {}) {
  const wire = new Wire();
  const ports = testPorts(createMemoryStore(), seed);
  const founder = ports.crypto.createSigner(ports.random.bytes(32));
  const genesis = testGenesis(founder, seed, options);
  const node = async (name: PeerId, signer: Signer, bootstrap?: Signer) => {
    const at = testPorts(createMemoryStore(), seed * 100 + name.charCodeAt(0));
    const opened = await Replica.open(at, { context: genesis.context, signer, place: name });
    if (!opened.ok) throw new Error(opened.error.message);
    const metrics = new Metrics(at.clock);
    const engine = new SyncEngine({ transport: wire.transport(name), ...at, scheduler: wire.scheduler, metrics });
    wire.engines.set(name, engine);
    engine.addContext({ replica: opened.value, signer, bootstrap: bootstrap?.publicKey });
    return { at, engine, metrics, replica: opened.value, signer };
  };
  const a = await node(A, founder);
  a.replica.admit(genesis.bytes);
  await a.replica.settled();
  const member = ports.crypto.createSigner(ports.random.bytes(32));
  await a.replica.declare({ kind: "add", member: member.publicKey, role: "writer", nonce: new Uint8Array(16) });
  const b = await node(B, member, founder);
  return { wire, genesis, founder, member, a, b, node, crypto: ports.crypto };
}

const rootAt = ({ replica }: { replica: Replica }) => rootOf(replica);
const write = (replica: Replica, value: number) =>
  replica.call((t) => {
    t.field("map", "m").set(`k${value}`, value);
    return { ok: true, value, events: [] };
  });
const proof = (frame: Uint8Array) => decodeFrame(frame)?.kind === "prove";

describe("a sealed context", () => {
  it("shows no frame in which what is written can be read, and a removed member no more of it", async () => {
    const { wire, a, b, member, genesis } = await scene(20, { isSealed: true });
    const frames: Uint8Array[] = [];
    wire.tamper = (_from, _to, frame) => {
      frames.push(frame);
      return frame;
    };
    const tell = (replica: Replica, secret: string) =>
      replica.call((t) => {
        t.field("text", "body").insert(0, secret);
        return { ok: true, value: 0, events: [{ kind: secret, data: new Uint8Array(0), handler: secret }] };
      });
    wire.connect(A, B);
    await wire.run();
    await tell(a.replica, "confidential");
    await wire.run();
    await tell(b.replica, "confidential");
    await wire.run();
    expect(a.replica.document.field("text", "body").toString()).toBe("confidentialconfidential");
    expect(rootAt(b)).toBe(rootAt(a));
    expect(frames.length).toBeGreaterThan(10);
    expect(Buffer.concat(frames).includes("confidential")).toBe(false);

    await a.replica.declare({ kind: "remove", member: member.publicKey });
    await wire.run();
    expect(b.replica.roleOf(member.publicKey)).toBeUndefined();
    for (let i = 0; i < 3; i++) {
      for (const { engine } of [a, b]) engine.tick();
      await wire.run();
    }
    expect(a.engine.status(genesis.context)).toMatchObject([{ state: "not a member" }]);
    await tell(a.replica, "later");
    await wire.run();
    expect(b.replica.document.field("text", "body").toString()).toBe("confidentialconfidential");
    expect(await tell(b.replica, "mine")).toMatchObject({ ok: false, error: { code: "ACCESS_DENIED" } });
    expect(b.replica.flushed.count).toBeLessThan(a.replica.flushed.count);
  });
});

describe("two members", () => {
  it("come to one state, empty their outboxes and say that they are in sync", async () => {
    const { wire, a, b, genesis } = await scene(1);
    for (let i = 0; i < 20; i++) await write(a.replica, i);
    wire.connect(A, B);
    await wire.run();
    for (let i = 20; i < 40; i++) await write(i % 2 ? a.replica : b.replica, i);
    await wire.run();
    for (const { engine } of [a, b]) engine.tick();
    await wire.run();
    expect(rootAt(b)).toBe(rootAt(a));
    expect([a.replica.outboxSize(), b.replica.outboxSize()]).toEqual([0, 0]);
    for (const { engine } of [a, b]) expect(engine.status(genesis.context)).toMatchObject([{ state: "in sync" }]);
    expect(wire.cuts).toEqual([]);
  });

  it("empty their outboxes although acknowledgements were lost with a connection", async () => {
    const { wire, a, b } = await scene(2);
    wire.tamper = (_from, _to, frame) => (decodeFrame(frame)?.kind === "ack" ? undefined : frame);
    wire.connect(A, B);
    await wire.run();
    await write(a.replica, 1);
    await wire.run();
    expect(a.replica.outboxSize()).toBeGreaterThan(0);
    for (const name of [A, B]) wire.engines.get(name)?.onDisconnect(name === A ? B : A);
    wire.connect(A, B);
    await wire.run();
    expect(a.replica.outboxSize()).toBe(0);
    expect(rootAt(b)).toBe(rootAt(a));
  });

  it("bring together the two branches of an actor that spoke twice", async () => {
    const { wire, a, b, genesis, member } = await scene(3);
    wire.connect(A, B);
    await wire.run();
    for (const name of [A, B]) wire.engines.get(name)?.onDisconnect(name === A ? B : A);
    const clone = new Author(genesis.context, member, 1);
    const heads = a.replica.missingFrom(new Map(), 1e9).deltas.map((bytes) => {
      const decoded = decodeDelta(a.at.crypto, genesis.context, bytes);
      if (!decoded.ok) throw new Error(decoded.error.message);
      return decoded.value as unknown as AuthenticDelta;
    });
    const first = clone.write([heads.at(-1)!]);
    const [left, right] = [
      clone.write([first], { after: first }),
      clone.write([first], { after: first, stamp: START_MS * 2048 + 77 }),
    ];
    for (const { replica } of [a, b]) replica.admit(first.bytes);
    for (const delta of [left, clone.write([left], { after: left })]) a.replica.admit(delta.bytes);
    for (const delta of [right, clone.write([right], { after: right })]) b.replica.admit(delta.bytes);
    await Promise.all([a.replica.settled(), b.replica.settled()]);
    wire.connect(A, B);
    for (let i = 0; i < 6; i++) {
      await wire.run();
      for (const { at } of [a, b]) at.nowMs += 1_000;
      for (const { engine } of [a, b]) engine.tick();
    }
    await wire.run();
    expect(a.replica.flushed.heads).toHaveLength(2);
    expect(a.replica.flushed.heads.map(idKey).sort()).toEqual(b.replica.flushed.heads.map(idKey).sort());
    expect([a.replica.forks, b.replica.forks]).toEqual([2, 2]);
  });

  it("time their round trips and count in the host's registry", async () => {
    const { wire, a, b } = await scene(4);
    await write(a.replica, 1);
    wire.connect(A, B);
    await wire.run();
    expect(b.metrics.histogram("stage.duration", { kind: "sync_round_trip" }).count).toBeGreaterThan(0);
    expect(b.metrics.counter("sync.frames_deltas").value).toBe(b.engine.counters.get("sync.frames_deltas"));
    expect(b.metrics.counter("sync.frames_deltas").value).toBeGreaterThan(0);
  });

  it("do not ask again and again for what waits for a clock", async () => {
    const { wire, a, b } = await scene(4);
    wire.connect(A, B);
    await wire.run();
    a.at.nowMs += 3_600_000;
    for (let i = 0; i < 5; i++) await write(a.replica, i);
    await wire.run();
    for (let i = 0; i < 10; i++) {
      b.at.nowMs += 1_000;
      for (const { engine } of [a, b]) engine.tick();
      await wire.run();
    }
    expect(b.replica.pendingSize).toBeGreaterThan(0);
    expect(b.engine.counters.get("sync.deltas_duplicate") ?? 0).toBe(0);
    b.at.nowMs += 3_600_000;
    b.engine.tick();
    await wire.run();
    expect(rootAt(b)).toBe(rootAt(a));
  });
});

describe("the engine", () => {
  it("cuts a peer that sends what is no frame", async () => {
    const { wire, a } = await scene(5);
    wire.connect(A, B);
    await wire.run();
    a.engine.onFrame(B, Uint8Array.of(99));
    expect(wire.cuts).toEqual(["a cut b: FRAME_MALFORMED"]);
    expect(() => a.engine.onFrame(B, Uint8Array.of(1))).not.toThrow();
  });

  it("cuts a peer for deltas that it refuses, in time", async () => {
    const { wire, a } = await scene(6);
    wire.connect(A, B);
    await wire.run();
    const bad: Frame = {
      kind: "deltas",
      channel: 0,
      answer: false,
      more: false,
      last: true,
      deltas: [new Uint8Array(80)],
    };
    for (let i = 0; i < PEER_REFUSED_MAX; i++) a.engine.onFrame(B, encodeFrame(bad));
    expect(wire.cuts).toEqual([]);
    a.engine.onFrame(B, encodeFrame(bad));
    expect(wire.cuts).toEqual(["a cut b: TOO_MANY_REFUSED"]);
  });

  it("does not charge whoever completes what others had left waiting", async () => {
    const { wire, a, b, genesis, member, crypto } = await scene(7);
    wire.connect(A, B);
    await wire.run();
    const liar = new Author(genesis.context, crypto.createSigner(new Uint8Array(32).fill(8)), 1);
    const honest = new Author(genesis.context, member, 2);
    const page = a.replica.missingFrom(new Map(), 1e9).deltas.at(-1)!;
    const base = decodeDelta(crypto, genesis.context, page);
    if (!base.ok) throw new Error(base.error.message);
    const missing = honest.write([base.value as unknown as AuthenticDelta]);
    const send = (deltas: Uint8Array[]) =>
      a.engine.onFrame(B, encodeFrame({ kind: "deltas", channel: 0, answer: false, more: false, last: true, deltas }));
    for (let i = 0; i < 2 * PEER_REFUSED_MAX; i++)
      send([liar.write([missing], { after: undefined, stamp: missing.stamp + 1 + i }).bytes]);
    send([missing.bytes]);
    expect(a.replica.pendingSize).toBe(0);
    expect(a.replica.has(missing.key)).toBe(true);
    expect(wire.cuts).toEqual([]);
    await b.replica.settled();
  });

  it("charges nobody when its own store has failed, and answers with nothing", async () => {
    const { wire, a, b } = await scene(8);
    wire.connect(A, B);
    await wire.run();
    await b.replica.close();
    for (let i = 0; i < 2 * PEER_REFUSED_MAX; i++) await write(a.replica, i);
    await wire.run();
    expect(wire.cuts).toEqual([]);
    expect(b.replica.missingFrom(new Map(), 1e9).deltas).toEqual([]);
  });
});

describe("the handshake", () => {
  it("gives a stranger nothing, not even that the context is here", async () => {
    const { wire, a, node, crypto } = await scene(9);
    const seen: (string | undefined)[] = [];
    wire.tamper = (_from, to, frame) => {
      if (to === M) seen.push(decodeFrame(frame)?.kind);
      return frame;
    };
    const m = await node(M, crypto.createSigner(new Uint8Array(32).fill(66)));
    await write(a.replica, 1);
    wire.connect(A, M);
    await wire.run();
    for (const { engine } of [a, m]) engine.tick();
    await wire.run();
    expect(seen.filter((kind) => kind === "state" || kind === "deltas" || kind === "ack")).toEqual([]);
    expect(m.replica.flushed.count).toBe(0);
    m.engine.removeContext(a.replica.context);
    seen.length = 0;
    for (const name of [A, M]) wire.engines.get(name)?.onDisconnect(name === A ? M : A);
    wire.connect(A, M);
    await wire.run();
    expect(seen).toEqual(["hello", "offer"]);
  });

  it("cuts a peer that reflects a proof, or relays one of another connection", async () => {
    const { wire, a } = await scene(10);
    let theirs: Uint8Array | undefined;
    wire.tamper = (from, _to, frame) => {
      if (from === A && proof(frame)) theirs = frame;
      return frame;
    };
    wire.connect(A, B);
    await wire.run();
    const reflected = theirs as Uint8Array;
    a.engine.onFrame(B, reflected);
    expect(wire.cuts).toEqual(["a cut b: PROOF_INVALID"]);
  });

  it("does not take a proof from another connection between the same peers", async () => {
    const { wire, a } = await scene(11);
    const proofs: Uint8Array[] = [];
    wire.tamper = (from, _to, frame) => {
      if (from !== B || !proof(frame)) return frame;
      proofs.push(frame);
      const [first] = proofs;
      // The member's key and signature of the first connection under the tag of the second.
      const [old, now] = [decodeFrame(first as Uint8Array), decodeFrame(frame)];
      return old?.kind === "prove" && now?.kind === "prove" ? encodeFrame({ ...old, tag: now.tag }) : frame;
    };
    wire.connect(A, B);
    await wire.run();
    expect(wire.cuts).toEqual([]);
    for (const name of [A, B]) wire.engines.get(name)?.onDisconnect(name === A ? B : A);
    wire.connect(A, B);
    await wire.run();
    expect(wire.cuts).toEqual(["a cut b: PROOF_INVALID"]);
    expect(a.engine.status(a.replica.context)).toEqual([]);
  });
});

describe("an invitation on the wire", () => {
  const hour = 3_600_000;
  const table: [
    string,
    string,
    { expiresMs?: number; redeemer?: PeerId; other?: boolean; context?: boolean; inviter?: boolean },
  ][] = [
    ["adds who was invited", "", {}],
    ["is dead once it has expired by the redeemer's clock", "INVITATION_EXPIRED", { expiresMs: START_MS - 1 }],
    ["is for one redeemer", "INVITATION_NOT_FOR_YOU", { redeemer: B }],
    ["is for one identity", "INVITATION_NOT_FOR_YOU", { other: true }],
    ["is for a context that is held there", "INVITATION_UNKNOWN_CONTEXT", { context: true }],
    ["is worth nothing from who is no admin", "INVITATION_REVOKED", { inviter: true }],
  ];
  it.each(table)("%s", async (_name, code, wrong) => {
    const { wire, a, genesis, founder, member, node, crypto } = await scene(12);
    const joiner = crypto.createSigner(new Uint8Array(32).fill(44));
    const m = await node(M, joiner, founder);
    const context = wrong.context ? (new Uint8Array(32) as ContextId) : genesis.context;
    const inviter = wrong.inviter ? member : founder;
    const invitation = signInvitation(crypto, inviter, {
      context,
      inviter: inviter.publicKey,
      holder: { kind: "named", key: joiner.publicKey },
      uses: 1,
      role: "writer",
      nonce: new Uint8Array(16).fill(4),
      expiresMs: wrong.expiresMs ?? START_MS + hour,
      redeemerPeer: wrong.redeemer ?? A,
      redeemerAddresses: [],
    });
    wire.connect(A, M);
    await wire.run();
    const asked = m.engine.redeem(A, {
      context,
      invitation,
      signer: wrong.other ? member : joiner,
      bearer: undefined,
    });
    await wire.run();
    const redeemed = await asked;
    expect(redeemed.ok ? "" : redeemed.error.code).toBe(code);
    expect(a.replica.roleOf(joiner.publicKey)).toBe(code === "" ? "writer" : undefined);
    if (code === "") expect(m.replica.flushed.count).toBe(a.replica.flushed.count);
  });

  describe("for its bearer", () => {
    const bearer = createCrypto().createSigner(new Uint8Array(32).fill(91));
    const others = createCrypto().createSigner(new Uint8Array(32).fill(92));

    async function open(uses: number, redeemerPeer: string) {
      const { wire, a, b, genesis, founder, node, crypto } = await scene(13);
      const invitation = signInvitation(crypto, founder, {
        context: genesis.context,
        inviter: founder.publicKey,
        holder: { kind: "bearer", key: bearer.publicKey },
        role: "writer",
        nonce: new Uint8Array(16).fill(5),
        uses,
        expiresMs: START_MS + hour,
        redeemerPeer,
        redeemerAddresses: [],
      });
      const join = async (name: string, at: PeerId, seed: number, key: Signer | undefined): Promise<string> => {
        const joiner = crypto.createSigner(new Uint8Array(32).fill(seed));
        const m = await node(name as PeerId, joiner, founder);
        wire.connect(at, name as PeerId);
        await wire.run();
        const asked = m.engine.redeem(at, { context: genesis.context, invitation, signer: joiner, bearer: key });
        await wire.run();
        const redeemed = await asked;
        return redeemed.ok ? "" : redeemed.error.code;
      };
      return { a, b, join };
    }

    it("adds as many as it says, each once", async () => {
      const { a, join } = await open(2, A);
      expect(await join("m1", A, 44, bearer)).toBe("");
      expect(await join("m1 again", A, 44, bearer)).toBe("");
      expect(await join("m2", A, 45, bearer)).toBe("");
      expect(await join("m3", A, 46, bearer)).toBe("INVITATION_USED");
      expect(a.replica.access().rankByMember.size).toBe(4);
    });

    it("is of no use without the secret, or with another", async () => {
      const { join } = await open(2, A);
      expect(await join("m1", A, 44, undefined)).toBe("INVITATION_NOT_FOR_YOU");
      expect(await join("m2", A, 45, others)).toBe("INVITATION_NOT_FOR_YOU");
    });

    it("is redeemed by any node of the inviter and by no other member's", async () => {
      const { join } = await open(2, "");
      expect(await join("m1", A, 44, bearer)).toBe("");
      expect(await join("m2", B, 45, bearer)).toBe("INVITATION_NOT_FOR_YOU");
    });
  });
});
