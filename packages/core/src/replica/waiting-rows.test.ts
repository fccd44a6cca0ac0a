/** What waits survives the closing of a context, and time lets it go. */
import { createMemoryStore } from "@dunlin/store/memory";
import { expect, it } from "vitest";
import { fuzzDecoder } from "../../../../tools/fuzz.ts";
import { createPrng, idKey, type KeyValueStore } from "../base/index.ts";
import { createCrypto } from "../crypto/index.ts";
import { type AuthenticDelta, decodeDelta, type Held } from "../dag/index.ts";
import { PENDING_STALE_MS } from "../dag/limits.ts";
import { DRIFT_MAX_MS, PENDING_CLEANING_MS } from "./limits.ts";
import { Replica } from "./replica.ts";
import { tablePrefix, tableRange } from "./rows.ts";
import { Author, START_MS, statementEntry, testGenesis, testPorts } from "./testing.ts";
import { decodeHeld, encodeHeld } from "./waiting-rows.ts";

const crypto = createCrypto();
const founder = crypto.createSigner(createPrng(1).bytes(32));
const genesis = testGenesis(founder, 1);

function deltas() {
  const decoded = decodeDelta(crypto, genesis.context, genesis.bytes);
  if (!decoded.ok) throw new Error(decoded.error.message);
  const author = new Author(genesis.context, crypto.createSigner(createPrng(2).bytes(32)), 2);
  const member = author.signer.publicKey;
  const entries = [statementEntry({ kind: "add", member, role: "writer", nonce: new Uint8Array(16) })];
  const base = new Author(genesis.context, founder, 3).write([decoded.value as unknown as AuthenticDelta], { entries });
  const first = author.write([base]);
  const second = author.write([first]);
  return { author, base, first, second, third: author.write([second]) };
}

async function open(store: KeyValueStore) {
  const ports = testPorts(store, 5);
  const opened = await Replica.open(ports, { context: genesis.context, signer: founder, place: "here" });
  if (!opened.ok) throw new Error(opened.error.message);
  return { replica: opened.value, ports };
}

const rowsOf = (store: KeyValueStore) => [...store.range(tableRange(tablePrefix(genesis.context, "p")))].length;

it("waits again after a reopening, and comes in with what it waited for", async () => {
  const { base, first, second, third } = deltas();
  const store = createMemoryStore();
  const { replica } = await open(store);
  replica.admitMany([genesis.bytes, base.bytes, second.bytes, third.bytes]);
  await replica.close();
  expect(rowsOf(store)).toBe(2);
  const { replica: again } = await open(store);
  expect(again.pendingSize).toBe(2);
  expect(again.admit(first.bytes)).toMatchObject({ admitted: { length: 3 } });
  await again.settled();
  expect([again.pendingSize, rowsOf(store)]).toEqual([0, 0]);
  await again.close();
});

it("is written without a commit within a minute, and what is not proven is proven by what comes after", async () => {
  const { base, first, second } = deltas();
  const store = createMemoryStore();
  const { replica, ports } = await open(store);
  replica.admitMany([genesis.bytes]);
  await replica.settled();
  replica.admit(second.bytes);
  ports.nowMs += PENDING_CLEANING_MS;
  replica.tick();
  await replica.settled();
  expect(rowsOf(store)).toBe(1);
  const { replica: again } = await open(store);
  expect(again.missingFrontier(9)).toEqual([]);
  expect(again.admitMany([base.bytes, first.bytes]).admitted).toHaveLength(3);
});

it("takes in at once what became ready elsewhere in the meantime", async () => {
  const { author, base, first } = deltas();
  const store = createMemoryStore();
  const { replica, ports } = await open(store);
  replica.admitMany([genesis.bytes, base.bytes, first.bytes]);
  const ahead = author.write([first], { after: first, stamp: (START_MS + DRIFT_MAX_MS + 5_000) * 2048 });
  expect(replica.admit(ahead.bytes).kind).toBe("pending");
  await replica.close();
  const later = testPorts(store, 5);
  later.nowMs = ports.nowMs + 10_000;
  const opened = await Replica.open(later, { context: genesis.context, signer: founder, place: "here" });
  expect(opened.ok && opened.value.has(ahead.key)).toBe(true);
});

it("is let go of after five minutes, unless it waits for the clock", async () => {
  const { author, base, first, third } = deltas();
  const { replica, ports } = await open(createMemoryStore());
  replica.admitMany([genesis.bytes, base.bytes, first.bytes, third.bytes]);
  const ahead = author.write([first], { after: first, stamp: (START_MS + 3 * PENDING_STALE_MS) * 2048 });
  replica.admit(ahead.bytes);
  expect(replica.heldVector().get(idKey(author.actor))).toBe(3);
  for (let minute = 1; minute <= 5; minute++) {
    expect(replica.pendingSize).toBe(2);
    ports.nowMs += PENDING_CLEANING_MS;
    replica.tick();
  }
  expect([replica.pendingSize, replica.holds(ahead.key), replica.holds(third.key)]).toEqual([1, true, false]);
});

it("tells the operator when this node writes ahead of its clock, as it does once a wrong clock was put right", async () => {
  const told: string[] = [];
  const ports = Object.assign(testPorts(createMemoryStore(), 5), {
    log: { log: (_: unknown, event: string) => void told.push(event) },
  });
  const opened = await Replica.open(ports, { context: genesis.context, signer: founder, place: "here" });
  if (!opened.ok) throw new Error(opened.error.message);
  const replica = opened.value;
  replica.admit(genesis.bytes);
  ports.nowMs += 86_400_000;
  await replica.call((transaction) => {
    transaction.field("counter", "c").add(1);
    return { ok: true, value: null, events: [] };
  });
  replica.tick();
  expect(told).not.toContain("replica.stamps_ahead");
  ports.nowMs -= 86_400_000;
  replica.tick();
  expect(told).toContain("replica.stamps_ahead");
});

it("rows have one encoding", () => {
  const { first, second } = deltas();
  const proven = { proven: true, delta: second, isSigned: false, span: 700 } as const;
  const unproven = { proven: false, delta: first as never, otherSignatures: [new Uint8Array(64).fill(3)] } as const;
  const held: Held[] = [
    { waiting: proven, sinceMs: START_MS },
    { waiting: { ...proven, isSigned: true }, sinceMs: 0 },
    { waiting: unproven, sinceMs: 9 },
  ];
  const report = fuzzDecoder({
    name: "waiting row",
    seed: 8,
    corpus: held.map(encodeHeld),
    decode: (bytes) => decodeHeld(crypto, genesis.context, bytes),
    encode: encodeHeld,
  });
  expect(report.accepted).toBeGreaterThan(10);
});
