/** Contexts that are shared without being open: what wakes them, and that nothing said meanwhile is lost. */
import { createMemoryStore } from "@dunlin/store/memory";
import { expect, it } from "vitest";
import { signInvitation } from "../access/index.ts";
import type { ContextId } from "../base/index.ts";
import { createCrypto } from "../crypto/index.ts";
import { rootOf, START_MS } from "../replica/testing.ts";
import { A, B, M, openScene, type Scene, type SceneNode, write } from "./testing.ts";

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));
const openAt = (seed: number) => openScene({ createStore: createMemoryStore, nextTurn }, seed);

/** Lets the node's context rest; it is opened a turn after it is asked for, once however often that is. */
function rest({ engine, replica, signer }: SceneNode): { woken: () => number } {
  let woken = 0;
  engine.addResting({
    context: replica.context,
    wake: () => {
      if (woken++ === 0) void nextTurn().then(() => engine.addContext({ replica, signer }));
    },
  });
  return { woken: () => woken };
}

async function pass({ wire, a, b }: Scene): Promise<void> {
  for (let i = 0; i < 4; i++) {
    await wire.run();
    for (const { at } of [a, b]) at.nowMs += 1_000;
    for (const { engine } of [a, b]) engine.tick();
  }
  await wire.run();
}

it("one side rests: the other finds it, and both come to one state", async () => {
  const scene = await openAt(31);
  const { wire, a, b } = scene;
  wire.connect(A, B);
  await wire.run();
  for (const name of [A, B]) wire.engines.get(name)?.onDisconnect(name === A ? B : A);
  for (let i = 0; i < 10; i++) await write(b.replica, i);
  const { woken } = rest(a);
  expect(a.engine.mayRest(a.replica.context)).toBe(true);
  await pass(scene);
  expect(woken()).toBe(0);
  wire.connect(A, B);
  await pass(scene);
  expect(woken()).toBeGreaterThan(0);
  expect(rootOf(a.replica)).toBe(rootOf(b.replica));
  expect(a.engine.mayRest(a.replica.context)).toBe(false);
  expect(wire.cuts).toEqual([]);
});

it("both sides rest: each wakes for the other", async () => {
  const scene = await openAt(32);
  const { wire, a, b } = scene;
  wire.connect(A, B);
  await wire.run();
  for (const name of [A, B]) wire.engines.get(name)?.onDisconnect(name === A ? B : A);
  await write(a.replica, 1);
  await write(b.replica, 2);
  const rests = [rest(a), rest(b)];
  wire.connect(A, B);
  await pass(scene);
  for (const { woken } of rests) expect(woken()).toBeGreaterThan(0);
  expect(rootOf(a.replica)).toBe(rootOf(b.replica));
  expect(a.replica.flushed.count).toBe(4);
});

it("a peer without the context does not wake it, and one that is already connected does when it comes to have it", async () => {
  const scene = await openAt(33);
  const { wire, a, b } = scene;
  b.engine.removeContext(b.replica.context);
  const { woken } = rest(a);
  wire.connect(A, B);
  await pass(scene);
  expect(woken()).toBe(0);
  b.engine.addContext({ replica: b.replica, signer: b.signer, bootstrap: scene.founder.publicKey });
  await pass(scene);
  expect(woken()).toBeGreaterThan(0);
  expect(rootOf(a.replica)).toBe(rootOf(b.replica));
});

it("an invitation wakes the context that it is of", async () => {
  const scene = await openAt(34);
  const { wire, a, genesis, founder, node } = scene;
  const crypto = createCrypto();
  const joiner = crypto.createSigner(new Uint8Array(32).fill(44));
  const m = await node(M, joiner, founder);
  m.engine.removeContext(m.replica.context);
  const { woken } = rest(a);
  wire.connect(A, M);
  await wire.run();
  expect(woken()).toBe(0);
  const invitation = (context: ContextId): Uint8Array =>
    signInvitation(crypto, founder, {
      context,
      inviter: founder.publicKey,
      holder: { kind: "named", key: joiner.publicKey },
      uses: 1,
      role: "writer",
      nonce: new Uint8Array(16).fill(4),
      expiresMs: START_MS + 1e6,
      redeemer: founder.publicKey,
      redeemerPeer: A,
      redeemerAddresses: [],
    });
  const ask = (context: ContextId) =>
    m.engine.redeem(A, { context, invitation: invitation(context), signer: joiner, bearer: undefined });
  const strange = ask(new Uint8Array(32) as ContextId);
  await wire.run();
  expect(await strange).toMatchObject({ error: { code: "INVITATION_UNKNOWN_CONTEXT" } });
  expect(woken()).toBe(0);
  const asked = ask(genesis.context);
  await wire.run();
  expect(await asked).toMatchObject({ ok: true });
  expect(a.replica.roleOf(joiner.publicKey)).toBe("writer");
});
