/** Receipts say no more than is true, and say it as soon as it is known. */
import { createMemoryStore } from "@dunlin/store/memory";
import { describe, expect, it } from "vitest";
import { fuzzDecoder } from "../../../../../tools/fuzz.ts";
import type { Role } from "../../access/index.ts";
import { type ActorId, compareBytes, concatBytes, createPrng, type DeltaId, idKey, must } from "../../base/index.ts";
import { createCrypto } from "../../crypto/index.ts";
import { actorOf } from "../../dag/index.ts";
import { Replica } from "../replica.ts";
import { Author, testGenesis, testPorts } from "../testing.ts";
import { decodeAcknowledgement, isAcknowledgementSigned, signAcknowledgement } from "./acknowledgement.ts";
import {
  ACKNOWLEDGED_ACTORS_MAX,
  ACKNOWLEDGEMENT_BYTES_MAX,
  ACKNOWLEDGERS_MAX,
  ACKNOWLEDGERS_PER_MEMBER_MAX,
  RECEIPT_WAITERS_MAX,
} from "./limits.ts";

const crypto = createCrypto();
const signerOf = (seed: number) => crypto.createSigner(createPrng(seed).bytes(32));
const founder = signerOf(1);
const genesis = testGenesis(founder, 1);

async function open(seed: number, signer = founder): Promise<Replica> {
  const ports = testPorts(createMemoryStore(), seed);
  const opened = await Replica.open(ports, { context: genesis.context, signer, place: `${seed}` });
  if (!opened.ok) throw new Error(opened.error.message);
  opened.value.admit(genesis.bytes);
  await opened.value.settled();
  return opened.value;
}

async function write(replica: Replica): Promise<DeltaId> {
  const receipt = await replica.call((transaction) => {
    transaction.field("counter", "c").add(1);
    return { ok: true, value: null, events: [] };
  });
  if (!receipt.ok || !receipt.value.delta) throw new Error("the call writes");
  return receipt.value.delta;
}

async function send(from: Replica, to: Replica): Promise<void> {
  to.admitMany(from.missingFrom(to.vector(), 1e6).deltas);
  await to.settled();
}

/** Hands on all acknowledgements that `from` knows of. */
function tell(from: Replica, to: Replica): void {
  for (const { bytes } of from.receipts.toTell()) expect(to.receipts.take(bytes)).toMatchObject({ ok: true });
  to.receipts.onProgress();
}

async function addMember(
  admin: Replica,
  signer: ReturnType<typeof signerOf>,
  seed: number = 7,
  role: Role = "writer",
): Promise<void> {
  const nonce = createPrng(seed).bytes(16);
  const added = await admin.declare({ kind: "add", member: signer.publicKey, role, nonce });
  expect(added).toMatchObject({ ok: true });
}

describe("a receipt", () => {
  it("goes from applied to persisted, replicated and stable, as installations flush and say so", async () => {
    const one = await open(10);
    await addMember(one, signerOf(2));
    const two = await open(11, signerOf(2));
    const three = await open(12);
    await send(one, two);
    await send(one, three);
    await write(two);
    await write(three);
    await send(two, one);
    await send(three, one);
    const id = await write(one);
    const own = () => {
      const receipt = one.receipts.of(id);
      return receipt.ok && [receipt.value.persisted, receipt.value.replicated, receipt.value.stable];
    };
    expect(own()).toEqual([true, 0, false]);
    const stable = one.receipts.waitFor(id, { stable: true });
    const replicated = one.receipts.waitFor(id, { replicated: 1 });
    tell(two, one);
    expect(own()).toEqual([true, 0, false]);
    await send(one, two);
    tell(two, one);
    expect(own()).toEqual([true, 1, false]);
    expect(await replicated).toMatchObject({ ok: true, value: { replicated: 1, stable: false } });
    // Of the third this node learns through the second alone.
    await send(two, three);
    tell(three, two);
    tell(two, one);
    expect(own()).toEqual([true, 2, true]);
    const members = [founder, signerOf(2)].map(({ publicKey }) => publicKey).sort(compareBytes);
    expect(one.receipts.of(id)).toMatchObject({ value: { members } });
    expect(await stable).toMatchObject({ ok: true, value: { stable: true } });
  });

  it("is not persisted before the flush, and not stable without those who are away", async () => {
    const one = await open(10);
    const first = await write(one);
    expect(one.receipts.of(first)).toMatchObject({ value: { persisted: true, replicated: 0, stable: true } });
    const away = await open(11);
    await send(one, away);
    await write(away);
    await send(away, one);
    const during = one.call((transaction) => {
      transaction.field("counter", "c").add(1);
      return { ok: true, value: null, events: [] };
    });
    await Promise.resolve();
    await Promise.resolve();
    const order = one.graph.size - 1;
    expect(one.receipts.of(one.graph.idOf(order))).toMatchObject({ value: { persisted: false, stable: false } });
    await during;
    expect(one.receipts.of(one.graph.idOf(order))).toMatchObject({ value: { persisted: true, stable: false } });
    const retired = await one.declare({ kind: "retire", actor: away.graph.actorOf(2) as ActorId });
    expect(retired.ok).toBe(true);
    expect(one.receipts.of(one.graph.idOf(order))).toMatchObject({ value: { stable: true } });
  });

  it("of what is not here is refused, and waiting ends with the context", async () => {
    const one = await open(10);
    const unknown = new Uint8Array(32).fill(3) as DeltaId;
    expect(one.receipts.of(unknown)).toMatchObject({ error: { code: "RECEIPT_UNKNOWN_DELTA" } });
    const id = await write(one);
    const waiting = one.receipts.waitFor(id, { replicated: 1 });
    await one.close();
    expect(await waiting).toMatchObject({ ok: false, error: { code: "RECEIPT_CLOSED" } });
  });

  it("is not stable without a reader who never writes", async () => {
    const one = await open(10);
    await addMember(one, signerOf(2), 7, "reader");
    const id = await write(one);
    expect(one.receipts.of(id)).toMatchObject({ value: { persisted: true, stable: false } });
    const two = await open(11, signerOf(2));
    await send(one, two);
    tell(two, one);
    expect(one.receipts.of(id)).toMatchObject({ value: { replicated: 1, stable: true } });
  });

  it("of an actor that spoke twice in one place says nothing of others, from there on", async () => {
    const one = await open(10);
    await addMember(one, signerOf(2));
    const two = await open(11, signerOf(2));
    await send(one, two);
    const author = new Author(genesis.context, signerOf(2), 3);
    const tip = { id: one.graph.idOf(1), stamp: one.graph.stampOf(1) };
    const first = author.write([tip]);
    const branches = [0, 1].map((more) => author.write([first], { after: first, stamp: first.stamp + 1 + more }));
    const [left, right] = branches as [(typeof branches)[0], (typeof branches)[0]];
    for (const { bytes } of [first, left]) one.admit(bytes);
    for (const { bytes } of [first, right]) two.admit(bytes);
    await Promise.all([one.settled(), two.settled()]);
    tell(two, one);
    expect(one.receipts.of(first.id)).toMatchObject({ value: { replicated: 1 } });
    one.admit(right.bytes);
    await one.settled();
    expect(one.equivocations()).toHaveLength(1);
    expect(one.receipts.of(first.id)).toMatchObject({ value: { replicated: 1 } });
    for (const { id } of [left, right]) expect(one.receipts.of(id)).toMatchObject({ value: { replicated: 0 } });
  });

  it("does not count who was removed, and is stable without", async () => {
    const one = await open(10);
    await addMember(one, signerOf(2));
    const two = await open(11, signerOf(2));
    await send(one, two);
    await write(two);
    await send(two, one);
    tell(two, one);
    const id = await write(one);
    const before = one.graph.idOf(one.graph.size - 2);
    expect(one.receipts.of(before)).toMatchObject({ value: { replicated: 1, members: [signerOf(2).publicKey] } });
    const stable = one.receipts.waitFor(id, { stable: true });
    await one.declare({ kind: "remove", member: signerOf(2).publicKey });
    one.tick();
    expect(await stable).toMatchObject({ value: { stable: true, replicated: 0 } });
    expect(one.receipts.of(before)).toMatchObject({ value: { replicated: 0, members: [] } });
    expect(one.receipts.toTell()).toHaveLength(1);
  });

  it("says what it says when whoever waits gives up, and takes no room any more", async () => {
    const one = await open(10);
    const id = await write(one);
    const stops = Array.from({ length: RECEIPT_WAITERS_MAX }, () => new AbortController());
    const waiting = stops.map(({ signal }) => one.receipts.waitFor(id, { replicated: 1 }, signal));
    for (const stop of stops) stop.abort();
    for (const receipt of await Promise.all(waiting)) expect(receipt).toMatchObject({ value: { replicated: 0 } });
    const again = one.receipts.waitFor(id, { replicated: 1 });
    await one.close();
    expect(await again).toMatchObject({ error: { code: "RECEIPT_CLOSED" } });
  });
});

describe("bounds", () => {
  it("of installations, in all and of one member, and of who waits are kept", async () => {
    const one = await open(10);
    const vector = new Map([[idKey(one.graph.actorOf(0)), 1]]);
    const { context } = genesis;
    const acknowledge = (signer: typeof founder, seed: number) => {
      const bytes = signAcknowledgement(crypto, signer, { context, replica: createPrng(seed).bytes(16), vector });
      return must(one.receipts.take(bytes).ok || undefined, "taken");
    };
    acknowledge(founder, 1);
    await addMember(one, signerOf(2));
    for (let i = 0; i <= ACKNOWLEDGERS_PER_MEMBER_MAX; i++) acknowledge(signerOf(2), 10 + i);
    // Its own went, and the founder's other installation stayed.
    expect(one.receipts.toTell()).toHaveLength(1 + 1 + ACKNOWLEDGERS_PER_MEMBER_MAX);
    for (let i = 0; i < ACKNOWLEDGERS_MAX / ACKNOWLEDGERS_PER_MEMBER_MAX; i++) {
      await addMember(one, signerOf(100 + i), 100 + i);
      for (let j = 0; j < ACKNOWLEDGERS_PER_MEMBER_MAX; j++) acknowledge(signerOf(100 + i), 1_000 + 16 * i + j);
    }
    expect(one.receipts.toTell()).toHaveLength(ACKNOWLEDGERS_MAX + 1);
    const id = await write(one);
    for (let i = 0; i < RECEIPT_WAITERS_MAX; i++) void one.receipts.waitFor(id, { replicated: 1 });
    const late = await one.receipts.waitFor(id, { replicated: 1 });
    expect(late).toMatchObject({ error: { code: "RECEIPT_OVERLOADED" } });
    await one.close();
  });

  it("of actors are kept: those beyond are not told of, and more are refused", () => {
    const actorAt = (i: number) => idKey(createPrng(i + 1).bytes(16));
    const vector = new Map(Array.from({ length: ACKNOWLEDGED_ACTORS_MAX + 1 }, (_, i) => [actorAt(i), 1]));
    const replica = new Uint8Array(16);
    const bytes = signAcknowledgement(crypto, founder, { context: genesis.context, replica, vector });
    expect(decodeAcknowledgement(bytes)?.vector.size).toBe(ACKNOWLEDGED_ACTORS_MAX);
    // With the longest sequence numbers each takes seven bytes more.
    expect(bytes.length + 7 * ACKNOWLEDGED_ACTORS_MAX).toBeLessThan(ACKNOWLEDGEMENT_BYTES_MAX);
    const more = bytes.slice();
    const at = 1 + 32 + 32 + 16;
    expect([more[at], more[at + 1], more[at + 2]]).toEqual([0x80, 0x80, 0x01]);
    more[at] = 0x81;
    expect(
      decodeAcknowledgement(concatBytes(more.subarray(0, -64), new Uint8Array(17).fill(255), more.subarray(-64))),
    ).toBeUndefined();
  });
});

describe("an acknowledgement", () => {
  it("of a stranger, of another context, or changed on its way, is refused", async () => {
    const one = await open(10);
    const vector = new Map([[idKey(must(one.graph.actorOf(0), "an actor")), 1]]);
    const { context } = genesis;
    const replica = new Uint8Array(16).fill(1);
    const refused = { ok: false, error: { code: "ACKNOWLEDGEMENT_INVALID" } };
    const sign = (signer = founder, at = context) =>
      signAcknowledgement(crypto, signer, { context: at, replica, vector });
    const bytes = sign();
    for (let at = 0; at < bytes.length; at++) {
      const changed = bytes.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(one.receipts.take(changed), `byte ${at}`).toMatchObject(refused);
    }
    expect(one.receipts.take(sign(founder, testGenesis(founder, 2).context))).toMatchObject(refused);
    const stranger = { ok: false, error: { code: "ACKNOWLEDGEMENT_NOT_MEMBER" } };
    expect(one.receipts.take(sign(signerOf(9)))).toMatchObject(stranger);
    expect(one.receipts.toTell()).toHaveLength(1);
    expect(one.receipts.take(bytes)).toMatchObject({ ok: true, value: { isNew: true } });
    expect(one.receipts.take(bytes)).toMatchObject({ ok: true, value: { isNew: false } });
  });

  it("has one encoding", () => {
    const replica = new Uint8Array(16).fill(4);
    const actors = [5, 6, 7].map((seed) => idKey(actorOf(crypto, founder.publicKey, createPrng(seed).bytes(16))));
    const { context } = genesis;
    const corpus = [[], actors.slice(0, 1), actors].map((some) => {
      const vector = new Map(some.map((actor, i) => [actor, 300 * i + 1]));
      return signAcknowledgement(crypto, founder, { context, replica, vector });
    });
    for (const bytes of corpus) expect(isAcknowledgementSigned(crypto, bytes, founder.publicKey)).toBe(true);
    const report = fuzzDecoder({
      name: "acknowledgement",
      seed: 6,
      corpus,
      decode: (bytes) => {
        const said = decodeAcknowledgement(bytes);
        return said && { said, signature: bytes.slice(-64) };
      },
      encode: ({ said, signature }) => {
        const again = { ...founder, publicKey: said.member, sign: () => signature };
        return signAcknowledgement(crypto, again, said);
      },
    });
    expect(report.accepted).toBeGreaterThan(100);
  });
});
