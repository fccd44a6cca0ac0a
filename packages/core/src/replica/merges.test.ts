/** Many heads are brought together by whoever still sees them after a random delay, and no merge asks for another. */
import { createMemoryStore } from "@dunlin/store/memory";
import { expect, it } from "vitest";
import { createPrng, must } from "../base/index.ts";
import { createCrypto } from "../crypto/index.ts";
import { type AuthenticDelta, DELTA_PARENTS_MAX, decodeDelta } from "../dag/index.ts";
import { MERGE_HEADS_MIN, NEED_DELAY_MAX_MS } from "./limits.ts";
import { Replica } from "./replica.ts";
import { Author, rootOf, statementEntry, type TestPorts, testGenesis, testPorts } from "./testing.ts";

const crypto = createCrypto();
const signerOf = (seed: number) => crypto.createSigner(createPrng(seed).bytes(32));
const founder = signerOf(1);
const genesis = testGenesis(founder, 1);

/** A context of many writers, each with a delta of its own beside the others'. */
function writersOf(count: number): { readonly base: AuthenticDelta; readonly heads: AuthenticDelta[] } {
  const decoded = decodeDelta(crypto, genesis.context, genesis.bytes);
  if (!decoded.ok) throw new Error(decoded.error.message);
  const authors = Array.from({ length: count }, (_, i) => new Author(genesis.context, signerOf(100 + i), i));
  const entries = authors.map(({ signer }, i) => {
    const nonce = new Uint8Array(16).fill(i);
    return statementEntry({ kind: "add", member: signer.publicKey, role: "writer", nonce });
  });
  const base = new Author(genesis.context, founder, 3).write([decoded.value as unknown as AuthenticDelta], { entries });
  return { base, heads: authors.map((author) => author.write([base])) };
}

async function open(seed: number, member: number, deltas: readonly AuthenticDelta[]) {
  const ports = testPorts(createMemoryStore(), seed);
  const opened = await Replica.open(ports, { context: genesis.context, signer: signerOf(member), place: "here" });
  if (!opened.ok) throw new Error(opened.error.message);
  opened.value.admitMany([genesis.bytes, ...deltas.map(({ bytes }) => bytes)]);
  await opened.value.settled();
  return { replica: opened.value, ports };
}

/** Lets `ms` pass, a second at a time. */
async function pass(world: readonly { readonly replica: Replica; readonly ports: TestPorts }[], ms: number) {
  for (let at = 0; at < ms; at += 1_000) {
    for (const { replica, ports } of world) {
      ports.nowMs += 1_000;
      replica.tick();
      await replica.settled();
    }
  }
}

function exchange(a: Replica, b: Replica): void {
  b.admitMany(a.missingFrom(b.vector(), 1e9).deltas);
  a.admitMany(b.missingFrom(a.vector(), 1e9).deltas);
}

it("makes one delta of many heads, with as many parents as a delta may have", async () => {
  const { base, heads } = writersOf(40);
  const one = await open(10, 100, [base, ...heads]);
  expect(one.replica.flushed.heads).toHaveLength(40);
  await pass([one], NEED_DELAY_MAX_MS + 2_000);
  expect(one.replica.flushed.heads).toHaveLength(40 - DELTA_PARENTS_MAX + 1);
  await pass([one], 3 * NEED_DELAY_MAX_MS);
  expect(one.replica.flushed.heads).toHaveLength(40 - DELTA_PARENTS_MAX + 1);
});

it("leaves a few heads alone, and what readers see", async () => {
  const { base, heads } = writersOf(MERGE_HEADS_MIN);
  const few = await open(10, 100, [base, ...heads]);
  await pass([few], 3 * NEED_DELAY_MAX_MS);
  expect(few.replica.flushed.heads).toHaveLength(MERGE_HEADS_MIN);
  const many = writersOf(MERGE_HEADS_MIN + 1);
  const stranger = await open(11, 99, [many.base, ...many.heads]);
  await pass([stranger], 3 * NEED_DELAY_MAX_MS);
  expect(stranger.replica.flushed.heads).toHaveLength(MERGE_HEADS_MIN + 1);
});

it("F3: members who merge at once make a head each, and then rest", async () => {
  const { base, heads } = writersOf(MERGE_HEADS_MIN + 4);
  const world = await Promise.all([20, 21, 22, 23].map((seed, i) => open(seed, 100 + i, [base, ...heads])));
  await pass(world, NEED_DELAY_MAX_MS + 2_000);
  const first = must(world[0], "one").replica;
  const counts = () => world.map(({ replica }) => replica.flushed.count);
  expect(counts()).toEqual(world.map(() => heads.length + 3));
  for (const { replica } of world) exchange(first, replica);
  for (const { replica } of world) exchange(first, replica);
  await Promise.all(world.map(({ replica }) => replica.settled()));
  const merged = counts();
  expect(first.flushed.heads).toHaveLength(4);
  await pass(world, 5 * NEED_DELAY_MAX_MS);
  expect(counts()).toEqual(merged);
  expect(new Set(world.map(({ replica }) => rootOf(replica))).size).toBe(1);
});

it("is not made when another's came first", async () => {
  const { base, heads } = writersOf(MERGE_HEADS_MIN + 4);
  const world = await Promise.all([30, 31, 32, 33].map((seed, i) => open(seed, 100 + i, [base, ...heads])));
  for (let at = 0; at < NEED_DELAY_MAX_MS + 2_000; at += 1_000) {
    for (const one of world) {
      await pass([one], 1_000);
      for (const { replica } of world) if (replica !== one.replica) exchange(one.replica, replica);
      await Promise.all(world.map(({ replica }) => replica.settled()));
    }
  }
  const merges = must(world[0], "one").replica.flushed.count - heads.length - 2;
  expect(merges).toBe(1);
});
