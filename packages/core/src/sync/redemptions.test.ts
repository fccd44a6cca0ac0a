import { createMemoryStore } from "@dunlin/store/memory";
import { describe, expect, it } from "vitest";
import { signInvitation } from "../access/index.ts";
import type { ContextId, PeerId, Signer } from "../base/index.ts";
import { createCrypto } from "../crypto/index.ts";
import { START_MS } from "../replica/testing.ts";
import { A, B, M, openScene } from "./testing.ts";

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));
const scene = (seed: number) => openScene({ createStore: createMemoryStore, nextTurn }, seed);

describe("an invitation on the wire", () => {
  const hour = 3_600_000;
  const table: [
    string,
    string,
    { expiresMs?: number; redeemer?: PeerId; other?: boolean; context?: boolean; inviter?: boolean; member?: boolean },
  ][] = [
    ["adds who was invited", "", {}],
    ["is dead once it has expired by the redeemer's clock", "INVITATION_EXPIRED", { expiresMs: START_MS - 1 }],
    ["is for one redeemer", "INVITATION_NOT_FOR_YOU", { redeemer: B }],
    ["is for the redeemer's member, whatever the node", "INVITATION_NOT_FOR_YOU", { member: true }],
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
      redeemer: wrong.member ? member.publicKey : founder.publicKey,
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
        redeemer: founder.publicKey,
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
